import t from 'tap'
import { together } from '../../src/client/together.ts'

t.test(
  'results stand in the order of the items, some are at work at once, and whatever else waits has its turn',
  async t => {
    let busy = 0
    let most = 0
    let turns = 0
    const looking = setInterval(() => turns++, 0)
    const results = await together(
      Array.from({ length: 100 }, (_, i) => i),
      async i => {
        most = Math.max(most, ++busy)
        if (i % 3 === 0) await new Promise(resolve => setTimeout(resolve, 1))
        busy--
        return i * 2
      },
    )
    clearInterval(looking)
    t.same(
      results,
      Array.from({ length: 100 }, (_, i) => i * 2),
    )
    t.ok(most > 1 && most <= 16)
    t.ok(turns > 0)
    t.same(await together([], async () => 1), [])
  },
)

t.test('a failure is told, nothing is begun after it, and what was begun is waited for', async t => {
  let begun = 0
  let ended = 0
  const failing = together(
    Array.from({ length: 100 }, (_, i) => i),
    async i => {
      begun++
      await new Promise(resolve => setTimeout(resolve, 1))
      ended++
      if (i === 3) throw new Error('third')
    },
  )
  await t.rejects(failing, { message: 'third' })
  t.ok(begun < 100)
  t.equal(ended, begun)
})
