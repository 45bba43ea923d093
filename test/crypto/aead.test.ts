import fc from 'fast-check'
import t from 'tap'
import { type Aead, chacha20Poly1305, nativeAead, sodiumAead } from '../../src/crypto/aead.ts'
import { equal, fromHex, randomBytes, toHex } from '../../src/crypto/bytes.ts'
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

t.test(
  'into memory of the caller’s: the same bytes by both engines, and nothing when it does not authenticate',
  async t => {
    const [key, nonce, none] = [randomBytes(32), randomBytes(12), new Uint8Array(0)]
    for (const [name, engine] of Object.entries({ nativeAead, sodiumAead, chacha20Poly1305 })) {
      const { sealInto, openInto, seal } = engine as Required<Aead>
      for (const length of [0, 1, 100, 2047, 2048, 16_384]) {
        const plaintext = randomBytes(length)
        const sealed = new Uint8Array(length + 16)
        sealInto(key, nonce, plaintext, sealed)
        t.ok(equal(sealed, seal(key, nonce, plaintext, none)), `${name} ${length}`)
        const opened = new Uint8Array(length)
        t.notOk(openInto(key, nonce, flipped(sealed, length), opened), `${name} ${length}: altered`)
        t.ok(opened.every(byte => byte === 0))
        t.ok(openInto(key, nonce, sealed, opened))
        t.ok(equal(opened, plaintext))
      }
      t.notOk(openInto(key, nonce, new Uint8Array(15), none), `${name}: no room for a tag`)
      t.throws(() => sealInto(key.subarray(1), nonce, none, new Uint8Array(16)), { code: 'key-length' })
      t.throws(() => sealInto(key, nonce.subarray(1), none, new Uint8Array(16)), { code: 'key-length' })
    }
    const { sealInto, openInto } = sodiumAead as Required<Aead>
    t.throws(() => sealInto(key, nonce, randomBytes(16_385), new Uint8Array(16_401)), { code: 'sodium-failure' })
    t.throws(() => sealInto(key, nonce, none, new Uint8Array(15)), { code: 'key-length' }, 'no room')
    t.throws(() => openInto(key, nonce, new Uint8Array(17), none), { code: 'key-length' }, 'no room')
  },
)

t.test('what libsodium was given in place is overwritten there', async t => {
  const { default: sodium } = await import('libsodium-wrappers')
  const { HEAPU8 } = (sodium as unknown as { libsodium: { HEAPU8: Uint8Array } }).libsodium
  const { sealInto, openInto } = sodiumAead as Required<Aead>
  const [key, nonce, plaintext] = [randomBytes(32), randomBytes(12), randomBytes(16_384)]
  const sealed = new Uint8Array(16_400)
  sealInto(key, nonce, plaintext, sealed)
  openInto(key, nonce, sealed, new Uint8Array(16_384))
  const memory = Buffer.from(HEAPU8.buffer)
  for (const secret of [key, plaintext.subarray(0, 64), plaintext.subarray(-64)]) t.equal(memory.indexOf(secret), -1)
})
