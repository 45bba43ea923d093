import fc from 'fast-check'
import t from 'tap'
import { concat, fromHex, toHex, utf8 } from '../../src/crypto/bytes.ts'
import { CryptoError } from '../../src/crypto/errors.ts'
import { SigningKey, VerifyKey } from '../../src/crypto/sign.ts'
import { flipped, readVectors, type Wycheproof } from './vectors.ts'

/** The verdict on a signature, a key that `parse` refuses counting as a refusal of all its signatures. */
function accepts(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  try {
    return VerifyKey.parse(key).verify(message, signature)
  } catch (error) {
    if (CryptoError.is(error, 'key-malformed')) return false
    throw error
  }
}

t.test('C2SP CCTV edge cases: exactly the rule written in the module', async t => {
  const vectors =
    readVectors<{ number: number; key: string; sig: string; msg: string; flags: string[] | null }[]>(
      'cctv/ed25519vectors.json',
    )
  const refused = ['low_order_A', 'low_order_R', 'non_canonical_A', 'non_canonical_R', 'low_order_residue']
  let accepted = 0
  for (const { number, key, sig, msg, flags } of vectors) {
    const expected = !refused.some(flag => flags?.includes(flag))
    const got = accepts(fromHex(key), utf8(msg), fromHex(sig))
    if (got !== expected) t.fail(`vector ${number} (${flags}): ${got}`)
    if (got) accepted++
  }
  t.equal(vectors.length, 914)
  t.equal(accepted, 43)
})

t.test('Wycheproof', async t => {
  const { testGroups } =
    readVectors<Wycheproof<{ publicKey: { pk: string } }, { msg: string; sig: string }>>('wycheproof/ed25519_test.json')
  let run = 0
  for (const { publicKey, tests } of testGroups) {
    for (const { tcId, comment, msg, sig, result } of tests) {
      const got = accepts(fromHex(publicKey.pk), fromHex(msg), fromHex(sig))
      if (got !== (result === 'valid')) t.fail(`${tcId} ${comment}`)
      run++
    }
  }
  t.equal(run, 151)
})

t.test('RFC 8032 §7.1, test 2', async t => {
  const key = SigningKey.fromSeed(fromHex('4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb'))
  t.equal(toHex(key.verifyKey.bytes), '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c')
  t.equal(
    toHex(key.sign(fromHex('72'))),
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  )
})

t.test('what is signed verifies; one bit changed anywhere does not', async () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 64 }), fc.nat(511), (message, at) => {
      const key = SigningKey.generate()
      const signature = key.sign(message)
      return (
        key.verifyKey.verify(message, signature) &&
        !key.verifyKey.verify(message, flipped(signature, at >> 3, at & 7)) &&
        !key.verifyKey.verify(flipped(message, at % message.length), signature) &&
        !SigningKey.generate().verifyKey.verify(message, signature)
      )
    }),
    { numRuns: 30 },
  )
})

t.test('a second S for the same signature is refused', async t => {
  const key = SigningKey.generate()
  const signature = key.sign(utf8('m'))
  const s = BigInt(`0x${signature.subarray(32).toReversed().toHex()}`)
  const higher = s + 0x1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3edn
  const second = fromHex(higher.toString(16).padStart(64, '0')).toReversed()
  t.notOk(key.verifyKey.verify(utf8('m'), concat(signature.subarray(0, 32), second)))
})

t.test('keys: length, small order, copies', async t => {
  t.throws(() => SigningKey.fromSeed(new Uint8Array(31)), { code: 'key-length' })
  t.throws(() => VerifyKey.parse(new Uint8Array(33)), { code: 'key-length' })
  t.throws(() => VerifyKey.parse(new Uint8Array(32)), { code: 'key-malformed' }, 'y = 0: order 4')
  t.throws(() => VerifyKey.parse(new Uint8Array(32).fill(0xff)), { code: 'key-malformed' }, 'y above p')
  const key = SigningKey.generate()
  t.notOk(key.verifyKey.verify(utf8('m'), key.sign(utf8('m')).subarray(1)), 'a signature of another length')
  const seed = key.seed
  const same = SigningKey.fromSeed(seed)
  seed.fill(0)
  t.ok(same.verifyKey.equals(key.verifyKey))
  t.notOk(SigningKey.generate().verifyKey.equals(key.verifyKey))
  t.notMatch(JSON.stringify(key), toHex(key.seed))
})
