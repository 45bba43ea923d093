import fc from 'fast-check'
import t from 'tap'
import { concat, equal, fromHex, toHex, utf8 } from '../../src/crypto/bytes.ts'
import { engines, native, pairs } from '../fixtures/engines.ts'
import { signatures } from '../fixtures/published/signatures.ts'
import { flipped, pinVectors, readVectors } from './vectors.ts'

t.test('the portable engine is not the native one', async t => {
  t.same(
    engines.map(({ sign }) => sign.nativeEngine === null),
    [false, true],
  )
})

t.test('published vectors, edge cases included', async t => {
  for (const engine of engines) {
    for (const run of signatures.slice(0, 2)) pinVectors(t, run.pinned, run.with(engine, readVectors(run.file)))
  }
})

t.test('every point of small order is refused as a key, in each of its writings', async t => {
  // One was mistyped once; the signatures alone did not show it, as both engines refuse it a second time.
  const vectors = readVectors<{ key: string; flags: string[] | null }[]>('cctv/ed25519vectors.json')
  const keys = new Set(vectors.filter(({ flags }) => flags?.includes('low_order_A')).map(({ key }) => key))
  t.equal(keys.size, 14, '8 points, 6 of them also in a second writing')
  for (const { sign } of engines) {
    for (const key of keys) t.throws(() => sign.VerifyKey.parse(fromHex(key)), { code: 'key-malformed' }, key)
  }
})

t.test('beside the thread it says the same of every edge case', async t => {
  const vectors = readVectors<{ key: string; sig: string; msg: string }[]>('cctv/ed25519vectors.json')
  for (const { sign } of engines) {
    const asked = await Promise.all(
      vectors.map(async ({ key, sig, msg }) => {
        try {
          const verifyKey = sign.VerifyKey.parse(fromHex(key))
          const [message, signature] = [utf8(msg), fromHex(sig)]
          return (await verifyKey.verifyAside(message, signature)) === verifyKey.verify(message, signature)
        } catch (error) {
          return (error as { code?: unknown }).code === 'key-malformed'
        }
      }),
    )
    t.ok(asked.every(Boolean))
    const key = sign.SigningKey.generate()
    t.ok(await key.verifyKey.verifyAside(utf8('m'), key.sign(utf8('m'))))
    t.notOk(await key.verifyKey.verifyAside(utf8('n'), key.sign(utf8('m'))))
    t.notOk(await key.verifyKey.verifyAside(utf8('m'), key.sign(utf8('m')).subarray(1)))
  }
})

t.test('each key verifies what it signed and nothing of another, more keys than are kept prepared', async t => {
  const { SigningKey, VerifyKey } = native.sign
  const message = utf8('m')
  const keys = Array.from({ length: 1100 }, () => SigningKey.generate())
  const signed = keys.map(key => ({ signature: key.sign(message), key: key.verifyKey.bytes }))
  for (let round = 0; round < 2; round++) {
    const good = signed.map(({ key, signature }) => VerifyKey.parse(key).verify(message, signature))
    t.ok(good.every(Boolean))
    const crossed = signed.map(({ key }, at) =>
      VerifyKey.parse(key).verify(message, signed.at(at - 1)?.signature ?? key),
    )
    t.notOk(crossed.some(Boolean))
  }
})

for (const engine of engines) {
  const { SigningKey, VerifyKey } = engine.sign

  t.test(`RFC 8032 §7.1, test 2 (${engine.name})`, async t => {
    const key = SigningKey.fromSeed(fromHex('4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb'))
    t.equal(toHex(key.verifyKey.bytes), '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c')
    t.equal(
      toHex(key.sign(fromHex('72'))),
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
    )
  })

  t.test(`a second S for the same signature is refused (${engine.name})`, async t => {
    const key = SigningKey.generate()
    const signature = key.sign(utf8('m'))
    const s = BigInt(`0x${signature.subarray(32).toReversed().toHex()}`)
    const higher = s + 0x1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3edn
    const second = fromHex(higher.toString(16).padStart(64, '0')).toReversed()
    t.notOk(key.verifyKey.verify(utf8('m'), concat(signature.subarray(0, 32), second)))
  })

  t.test(`keys: length, small order, copies, wiping (${engine.name})`, async t => {
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
    const signature = same.sign(utf8('m'))
    {
      using spent = same
      t.ok(spent.verifyKey.verify(utf8('m'), signature))
    }
    t.throws(() => same.sign(utf8('m')), { code: 'key-wiped' })
    t.throws(() => same.seed, { code: 'key-wiped' })
    t.ok(same.verifyKey.verify(utf8('m'), signature), 'what was signed stays good')
  })
}

for (const { maker, taker, name } of pairs) {
  t.test(`what is signed verifies; one bit changed anywhere does not (${name})`, async () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 64 }), fc.nat(511), (message, at) => {
        const key = maker.sign.SigningKey.generate()
        const signature = key.sign(message)
        const verifyKey = taker.sign.VerifyKey.parse(key.verifyKey.bytes)
        return (
          verifyKey.verify(message, signature) &&
          equal(taker.sign.SigningKey.fromSeed(key.seed).sign(message), signature) &&
          !verifyKey.verify(message, flipped(signature, at >> 3, at & 7)) &&
          !verifyKey.verify(flipped(message, at % message.length), signature) &&
          !taker.sign.SigningKey.generate().verifyKey.verify(message, signature)
        )
      }),
      { numRuns: 20 },
    )
  })
}
