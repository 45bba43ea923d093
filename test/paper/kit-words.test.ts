import t from 'tap'
import { english, french } from '../../src/paper/kit-words.ts'

t.test('both languages say the same things', async t => {
  const at = new Date('2026-11-24T23:30:00.000Z')
  const words = [french(at), english(at)] as const
  t.same(
    words.map(({ sections }) => sections.map(({ texts }) => texts.length)),
    [
      [2, 1, 2],
      [2, 1, 2],
    ],
  )
  t.match(words[0].madeOn, '25 novembre 2026', 'the day in Paris')
  t.match(words[1].madeOn, '25 November 2026')
})
