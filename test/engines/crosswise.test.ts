import t from 'tap'
import { pairs } from '../fixtures/engines.ts'
import { make, take } from '../fixtures/published/crosswise.ts'

// What one engine seals and signs, the other opens and verifies; each with itself too. A real browser: browser.test.ts.

for (const { maker, taker, name } of pairs) {
  t.test(name, async t => {
    t.same(await take(taker, await make(maker)), [])
  })
}
