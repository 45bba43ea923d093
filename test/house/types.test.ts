import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'

/**
 * Misuses that must not compile stand in `test/types`, each under a `@ts-expect-error`: the gate's type check fails when
 * one of them compiles. Here only that they are there, and said why.
 */
t.test('misuses that the compiler refuses', async t => {
  const folder = join(import.meta.dirname, '..', 'types')
  const counts = readdirSync(folder).map(file => {
    const lines = readFileSync(join(folder, file), 'utf8').split('\n')
    const expected = lines.filter(line => line.includes('@ts-expect-error'))
    t.same(
      expected.filter(line => !/@ts-expect-error [a-z].{10,}/.test(line)),
      [],
      `${file}: each says what it is`,
    )
    return [file, expected.length]
  })
  t.same(Object.fromEntries(counts), { 'ids.ts': 8, 'keys.ts': 7, 'secrets.ts': 12, 'verified.ts': 7 })
})
