import { existsSync } from 'node:fs'
import t from 'tap'
import { measure } from '../../bench/harness/contest.ts'
import { megabytesPerSecond } from '../../bench/harness/figure.ts'
import { outcomeText } from '../../bench/harness/report.ts'
import { allFigures, select } from '../../bench/harness/selection.ts'

const from = (...values: number[]) => {
  const left = [0, ...values] // the first round does not count
  return () => left.shift() ?? Number.NaN
}

t.test('values are medians over rounds, ratios are taken within a round', async t => {
  const contest = {
    variant: '1 KiB',
    sides: { coffre: from(10, 30, 20), raw: from(20, 30, 10) },
    comparisons: [
      { of: 'coffre', against: 'raw', target: { least: 0.9 } },
      { of: 'coffre', target: { most: 19 } },
      { of: 'raw' },
    ],
  }
  const outcome = await measure(contest, { figure: 'seal', unit: 'MB/s', rounds: 3 })
  t.strictSame(outcome.raw, { coffre: [10, 30, 20], raw: [20, 30, 10] })
  t.strictSame(outcome.lines, [
    { figure: 'seal 1 KiB', value: 20, unit: 'MB/s', against: 'raw', ratio: 1, target: '>= 0.9', holds: true },
    { figure: 'seal 1 KiB', value: 20, unit: 'MB/s', against: null, ratio: null, target: '<= 19', holds: false },
    { figure: 'seal 1 KiB', value: 20, unit: 'MB/s', against: null, ratio: null, target: null, holds: null },
  ])
  const text = outcomeText(outcome)
  t.match(text, /ratio to raw +1\.00 +>= 0\.9 {2}holds/)
  t.match(text, /20\.0 MB\/s +<= 19 {2}MISSED/)
  t.match(text, /\(10\.0 30\.0 20\.0\)/, 'raw numbers are shown')
})

t.test('a comparison that names no side is a mistake of its author', async t => {
  const contest = { sides: { coffre: from(1) }, comparisons: [{ of: 'cofre' }] }
  await t.rejects(measure(contest, { figure: 'x', unit: '/s', rounds: 1 }), { message: /no side named "cofre"/ })
})

t.test('work is turned into a rate', async t => {
  t.ok((await megabytesPerSecond(1e6, () => new Promise(resolve => setTimeout(resolve, 5)))()) < 1e6)
})

t.test('figures are asked for by group, name or beginning', t => {
  const figures = [
    { group: 'crypto', name: 'seal-node', path: '' },
    { group: 'crypto', name: 'open-node', path: '' },
    { group: 'log', name: 'append', path: '' },
  ]
  const names = (...asked: string[]) => select(figures, asked).map(({ name }) => name)
  t.same(names(), ['seal-node', 'open-node', 'append'])
  t.same(names('crypto'), ['seal-node', 'open-node'])
  t.same(names('append', 'seal'), ['seal-node', 'append'])
  t.throws(() => names('seal', 'nothing'), { message: /nothing/ })
  const all = allFigures()
  t.equal(new Set(all.map(({ name }) => name)).size, all.length, 'no two figures have one name')
  t.ok(all.length > 0 && all.every(({ path }) => existsSync(path)))
  t.end()
})
