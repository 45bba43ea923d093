import fc from 'fast-check'
import t from 'tap'
import {
  concat,
  equal,
  fromBase64,
  fromBase64url,
  fromHex,
  fromUtf8,
  lp,
  randomBytes,
  release,
  toBase64,
  toBase64url,
  toHex,
  u32be,
  u64be,
  utf8,
  wipe,
  writeOwnBase64url,
} from '../../src/crypto/bytes.ts'
import { CryptoError } from '../../src/crypto/errors.ts'

const runs = { numRuns: 50 }

t.test('base64url of our own is written as its bytes, in place', async () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 70 }), bytes => {
      const target = new Uint8Array(bytes.length + 4).fill(9)
      writeOwnBase64url(toBase64url(bytes), target, 2)
      return equal(target, concat(Uint8Array.of(9, 9), bytes, Uint8Array.of(9, 9)))
    }),
    runs,
  )
})

t.test('each encoding gives back what it was given', async t => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), bytes => {
      return (
        equal(fromBase64url(toBase64url(bytes)), bytes) &&
        equal(fromBase64(toBase64(bytes)), bytes) &&
        equal(fromHex(toHex(bytes)), bytes)
      )
    }),
    runs,
  )
  t.equal(toBase64url(Uint8Array.of(251, 255)), '-_8')
  t.equal(toBase64(Uint8Array.of(251, 255)), '+/8=')
  t.equal(fromUtf8(utf8('dossier médical 🩺')), 'dossier médical 🩺')
  t.equal(fromUtf8(Uint8Array.of(0xef, 0xbb, 0xbf)), '\ufeff', 'a byte-order mark is kept')
})

t.test('one value has one text: anything else is refused', async t => {
  for (const text of ['-_9', '-_8=', '-_8 ', ' -_8', '+/8', '-_\n8', 'A', '-_8-_8=', 'é']) {
    t.throws(() => fromBase64url(text), { code: 'base64-malformed' }, JSON.stringify(text))
  }
  for (const text of ['+/9=', '+/8', '-_8=', '+/8=\n', '+/8==', 'A', '====']) {
    t.throws(() => fromBase64(text), { code: 'base64-malformed' }, JSON.stringify(text))
  }
  for (const text of ['AB', 'a', '0g', ' 00', '00\n']) t.throws(() => fromHex(text), { code: 'hex-malformed' })
  const error = t.throws(() => fromBase64url('c2VjcmV0=')) as unknown
  t.ok(CryptoError.is(error, 'base64-malformed'))
  t.notMatch(String((error as Error).message), 'c2VjcmV0', 'the text is not repeated')
  t.throws(() => utf8('\ud800'), { code: 'text-malformed' })
  t.throws(() => fromUtf8(Uint8Array.of(0xff)), { code: 'text-malformed' })
})

t.test('integers and lists', async t => {
  t.equal(toHex(u32be(0x01020304)), '01020304')
  t.equal(toHex(u32be(0xffffffff)), 'ffffffff')
  t.equal(toHex(u64be(1)), '0000000000000001')
  t.equal(toHex(u64be(0xffff_ffff_ffff_ffffn)), 'ffffffffffffffff')
  for (const bad of [-1, 1.5, 2 ** 32, Number.NaN]) t.throws(() => u32be(bad), { code: 'integer-range' })
  for (const bad of [-1, 1.5, 2 ** 53, Number.NaN, -1n, 1n << 64n])
    t.throws(() => u64be(bad), { code: 'integer-range' })
  t.equal(toHex(lp('é', Uint8Array.of(1, 2), '')), '00000002c3a900000002010200000000')
  t.equal(toHex(concat(Uint8Array.of(1), new Uint8Array(0), Uint8Array.of(2, 3))), '010203')
})

t.test('no two lists of fields join to the same bytes', async t => {
  const lists = fc.array(fc.uint8Array({ maxLength: 5 }), { maxLength: 4 })
  fc.assert(
    fc.property(lists, lists, (a, b) => {
      const same = a.length === b.length && a.every((field, i) => equal(field, b[i] as Uint8Array))
      return equal(lp(...a), lp(...b)) === same
    }),
    { numRuns: 200 },
  )
  t.notOk(equal(lp('ab', 'c'), lp('a', 'bc')))
})

t.test('comparing, random bytes, wiping', async t => {
  t.ok(equal(Uint8Array.of(1, 2), Uint8Array.of(1, 2)))
  t.notOk(equal(Uint8Array.of(1, 2), Uint8Array.of(1, 3)))
  t.notOk(equal(Uint8Array.of(1, 2), Uint8Array.of(1)), 'unequal lengths are unequal, not an error')
  t.equal(randomBytes(200_000).length, 200_000, 'more than one call of the platform gives')
  t.notSame(randomBytes(16), randomBytes(16))
  const secret = randomBytes(16)
  wipe(secret)
  t.same(secret, new Uint8Array(16))
})

t.test('memory given back is gone at once; what is only a part of a memory stays', async t => {
  const whole = new Uint8Array(16)
  release(whole)
  t.equal(whole.length, 0)
  const memory = new Uint8Array(16)
  release(memory.subarray(0, 8))
  release(memory.subarray(8))
  t.equal(memory.length, 16, 'another may still look at the rest')
  const ended = memory.subarray(0, 16)
  release(ended)
  release(ended)
  t.equal(ended.length, 0, 'twice is as good as once')
})
