import t from 'tap'
import { concat, fromHex, toHex } from '../../src/crypto/bytes.ts'
import { hasLowS, toLowS } from '../../src/crypto/statement-es256.ts'

const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
const hex = (n: bigint) => fromHex(n.toString(16).padStart(64, '0'))
const r = new Uint8Array(32).fill(1)

t.test('the lower of the two', async t => {
  const half = N / 2n
  t.ok(hasLowS(concat(r, hex(half))))
  t.notOk(hasLowS(concat(r, hex(half + 1n))))
  t.equal(toHex(toLowS(concat(r, hex(N - 5n)))), toHex(concat(r, hex(5n))))
  const low = concat(r, hex(5n))
  t.equal(toLowS(low), low)
})

t.test('other lengths are nobody’s signature', async t => {
  t.notOk(hasLowS(r))
  t.equal(toLowS(r), r)
})
