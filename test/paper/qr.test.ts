import t from 'tap'
import { qrModules } from '../../src/paper/qr.ts'

t.test('runs cover the code, finder patterns at three corners', async t => {
  const { size, dark } = qrModules('coffre-kit:1:0000')
  t.equal((size - 17) % 4, 0)
  const isDark = (row: number, column: number) =>
    dark.some(run => run.row === row && column >= run.column && column < run.column + run.length)
  for (const [row, column] of [
    [0, 0],
    [0, size - 7],
    [size - 7, 0],
  ] as const) {
    for (let i = 0; i < 7; i++) t.ok(isDark(row, column + i) && isDark(row + i, column))
    t.notOk(isDark(row + 1, column + 1))
    t.ok(isDark(row + 3, column + 3))
  }
  t.ok(dark.every(({ column, length }) => length > 0 && column + length <= size))
})
