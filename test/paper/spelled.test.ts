import t from 'tap'
import { spelled } from '../../src/paper/spelled.ts'

t.test('symbol by symbol, group by group', async t => {
  t.equal(spelled('7QX2M-9KT4B'), '7 Q X 2 M, 9 K T 4 B')
  t.equal(spelled('7QX  2M9'), '7 Q X, 2 M 9')
})
