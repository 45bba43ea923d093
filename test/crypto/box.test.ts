import fc from 'fast-check'
import t from 'tap'
import { BOX_OVERHEAD, box, unbox } from '../../src/crypto/box.ts'
import { concat, lp, randomBytes, toHex, utf8 } from '../../src/crypto/bytes.ts'
import { flipped } from './vectors.ts'

const info = lp('coffre/v1/test', 'record')

t.test('what is boxed comes out, under keys of 16 and 32 bytes', async () => {
  fc.assert(
    fc.property(fc.constantFrom(16, 32), fc.uint8Array({ maxLength: 3000, size: 'max' }), (length, plaintext) => {
      const key = randomBytes(length)
      const boxed = box(key, info, plaintext)
      return boxed.length === plaintext.length + BOX_OVERHEAD && toHex(unbox(key, info, boxed)) === toHex(plaintext)
    }),
    { numRuns: 20 },
  )
})

t.test('another key, another purpose, any change: refused', async t => {
  const key = randomBytes(32)
  const boxed = box(key, info, utf8('bundle'))
  const refused = { code: 'box-open' }
  t.throws(() => unbox(randomBytes(32), info, boxed), refused)
  t.throws(() => unbox(key.subarray(0, 16), info, boxed), refused)
  t.throws(() => unbox(key, lp('coffre/v1/test', 'other'), boxed), refused)
  for (let at = 0; at < boxed.length; at++) t.throws(() => unbox(key, info, flipped(boxed, at, at % 8)), refused)
  t.throws(() => unbox(key, info, boxed.subarray(0, boxed.length - 1)), refused)
  t.throws(() => unbox(key, info, concat(boxed, Uint8Array.of(0))), refused)
  t.throws(() => unbox(key, info, boxed.subarray(0, BOX_OVERHEAD - 1)), refused)
  t.throws(() => box(randomBytes(20), info, utf8('x')), { code: 'key-length' }, 'a password is no key')
})

t.test('the same content twice shares nothing', async t => {
  const key = randomBytes(32)
  const [a, b] = [box(key, info, new Uint8Array(64)), box(key, info, new Uint8Array(64))]
  t.notSame(a.subarray(0, 32), b.subarray(0, 32))
  t.notSame(a.subarray(32), b.subarray(32))
})
