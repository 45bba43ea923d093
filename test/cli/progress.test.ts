import t from 'tap'
import { amount, ProgressBar } from '../../src/cli/progress.ts'

t.test('amounts are read by people', t => {
  for (const [value, text] of [
    [0, '0'],
    [310, '310'],
    [20 * 1024 * 1024, '20.0 MiB'],
    [2 * 1024 ** 3, '2.0 GiB'],
    [150 * 1024, '150 KiB'],
  ] as const) {
    t.equal(amount(value), text)
  }
  t.end()
})

t.test('a bar is drawn on a terminal, wiped at its end, and nowhere else', t => {
  const written: string[] = []
  const terminal = { isTTY: true, columns: 60, write: (text: string) => written.push(text) }
  const bar = new ProgressBar(terminal)
  bar.update('Reading', 5, 10)
  t.match(written[0], / 50 %/)
  t.ok((written[0] as string).length < 60 + 6)
  bar.update('Reading', 10, 10)
  t.equal(written.at(-1), '\r\u001b[2K')
  const before = written.length
  bar.clear()
  t.equal(written.length, before, 'nothing to wipe')

  const file: string[] = []
  new ProgressBar({ write: text => file.push(text) }).update('Reading', 5, 10)
  t.same(file, [])
  t.end()
})
