import fc from 'fast-check'
import t from 'tap'
import { type Aead, chacha20Poly1305, nativeAead, sodiumAead } from '../../src/crypto/aead.ts'
import { fromHex, toHex } from '../../src/crypto/bytes.ts'
import { flipped, readVectors, type Wycheproof } from './vectors.ts'

t.test('ChaCha20-Poly1305: Wycheproof, each engine', async t => {
  const { testGroups } = readVectors<
    Wycheproof<
      { ivSize: number; keySize: number },
      Readonly<Record<'key' | 'iv' | 'aad' | 'msg' | 'ct' | 'tag', string>>
    >
  >('wycheproof/chacha20_poly1305_test.json')
  for (const [name, engine] of Object.entries({ nativeAead, sodiumAead, chacha20Poly1305 })) {
    t.ok(engine, name)
    const aead = engine as Aead
    const count = { run: 0, nonceLength: 0 }
    for (const { tcId, comment, key, iv, aad, msg, ct, tag, result } of testGroups.flatMap(({ tests }) => tests)) {
      const sealed = fromHex(ct + tag)
      const open = () => aead.open(fromHex(key), fromHex(iv), sealed, fromHex(aad))
      if (iv.length !== 24) {
        t.throws(open, { code: 'key-length' }, `${tcId} ${comment}`)
        count.nonceLength++
        continue
      }
      const opened = open()
      if ((opened === null ? null : toHex(opened)) !== (result === 'valid' ? msg : null)) t.fail(`${tcId} ${comment}`)
      if (result === 'valid') {
        const again = aead.seal(fromHex(key), fromHex(iv), fromHex(msg), fromHex(aad))
        if (toHex(again) !== ct + tag) t.fail(`${tcId} ${comment}: sealed otherwise`)
      }
      count.run++
    }
    t.same(count, { run: 316, nonceLength: 9 }, name)
  }
})

t.test('both engines give the same bytes at any length, and open each other’s', async t => {
  const native = nativeAead as Aead
  const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
  const long = fc.uint8Array({ maxLength: 5000, size: 'max' })
  fc.assert(
    fc.property(bytes(32), bytes(12), long, fc.uint8Array(), (key, nonce, plaintext, aad) => {
      const sealed = native.seal(key, nonce, plaintext, aad)
      return (
        toHex(sealed) === toHex(sodiumAead.seal(key, nonce, plaintext, aad)) &&
        toHex(sodiumAead.open(key, nonce, sealed, aad) as Uint8Array) === toHex(plaintext) &&
        toHex(native.open(key, nonce, sealed, aad) as Uint8Array) === toHex(plaintext) &&
        native.open(key, nonce, flipped(sealed, sealed.length - 1), aad) === null &&
        native.open(key, nonce, sealed.subarray(1), aad) === null
      )
    }),
    { numRuns: 30 },
  )
  t.equal(native.open(new Uint8Array(32), new Uint8Array(12), new Uint8Array(15), new Uint8Array(0)), null)
})
