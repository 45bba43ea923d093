import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'

const root = join(import.meta.dirname, '../..')

t.test('each clause of the tlog specifications names a test that is there', async t => {
  const page = readFileSync(join(root, 'docs/protocol/tlog-conformance.md'), 'utf8')
  const rows = page
    .split('\n')
    .filter(line => line.startsWith('| ') && !/^\| (clause|---)/.test(line))
    .map(line => line.split('|').map(cell => cell.trim()))
  let shown = 0
  for (const [, clause, , test = ''] of rows) {
    if (test === '–') continue
    const [, file, title] = /^`([^`]+)`: (.+)$/.exec(test) ?? []
    if (file === undefined || title === undefined) {
      t.fail(`${clause}: ${test}`)
      continue
    }
    const text = readFileSync(join(root, 'test', file), 'utf8')
    t.ok(text.includes(`t.test('${title}'`), `${clause}: ${test}`)
    shown++
  }
  t.ok(shown > 50, `${shown} of ${rows.length}`)
})
