import { readFileSync } from 'node:fs'
import t from 'tap'
import { FINDING_GROUPS, FINDINGS, Findings, joinFindings } from '../../../src/log/audit/finding.ts'

t.test('every kind says what it means and what to do', async t => {
  for (const [code, { group, means, todo }] of Object.entries(FINDINGS)) {
    t.match(code, /^[a-z]+(-[a-z]+)+$/)
    t.ok(Object.hasOwn(FINDING_GROUPS, group), code)
    t.match(means, /^[A-Z].*\.$/, code)
    t.match(todo, /^[A-Z].*\.$/, code)
  }
})

t.test('the first of a kind is kept, the others are counted', async t => {
  const findings = new Findings()
  findings.add('store-unreadable', 'first', {}, null)
  findings.add(
    'no-grant',
    'second',
    { record: 'r', n: 3, seq: 7 },
    { bytes: Uint8Array.of(1, 2, 3), list: [new Map([[1, 2]])] },
  )
  findings.add('no-grant', 'third', { seq: 9 })
  findings.add('entry-altered', 'fourth')
  t.same(joinFindings([findings.list()]), [
    { code: 'entry-altered', group: 'integrity', message: 'fourth', evidence: null, count: 1 },
    {
      code: 'no-grant',
      group: 'authority',
      message: 'second',
      ...{ record: 'r', n: 3, seq: 7 },
      evidence: { bytes: 'AQID', list: [[[1, 2]]] },
      count: 2,
    },
    { code: 'store-unreadable', group: 'store', message: 'first', evidence: null, count: 1 },
  ])
})

t.test('the handbook has every kind, in the program’s own words', async t => {
  const handbook = readFileSync(new URL('../../../docs/audit.md', import.meta.url), 'utf8')
  const rows = Object.entries(FINDINGS).map(([code, { means, todo }]) => `| \`${code}\` | ${means} | ${todo} |`)
  for (const row of rows) t.ok(handbook.includes(row), row)
  t.equal(handbook.match(/^\| `[a-z]+-[a-z-]+` \|/gm)?.length, rows.length)
})
