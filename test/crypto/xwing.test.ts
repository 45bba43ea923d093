import fc from 'fast-check'
import t from 'tap'
import { equal, fromHex, toHex } from '../../src/crypto/bytes.ts'
import { nativeXwing, sodiumXwing, type XwingEngine } from '../../src/crypto/xwing.ts'
import { flipped, readVectors } from './vectors.ts'

type Vector = Readonly<Record<'seed' | 'eseed' | 'ss' | 'sk' | 'pk' | 'ct', string>>

t.ok(nativeXwing)
const engines = { native: nativeXwing as XwingEngine, sodium: sodiumXwing }

t.test('vectors of the draft, each engine', async t => {
  const vectors = readVectors<Vector[]>('xwing/test-vectors.json')
  for (const [name, engine] of Object.entries(engines)) {
    for (const { seed, ss, pk, ct } of vectors) {
      t.equal(toHex(engine.publicKey(fromHex(seed))), pk, name)
      t.equal(toHex(engine.decapsulator(fromHex(seed))(fromHex(ct)) as Uint8Array), ss, name)
    }
  }
  t.equal(vectors.length, 3)
})

t.test('each opens what the other made; on forged ciphertexts they agree too', async () => {
  const seed = fc.uint8Array({ minLength: 32, maxLength: 32 })
  fc.assert(
    fc.property(seed, fc.nat(1119), fc.nat(7), (seed, at, bit) => {
      const publicKey = engines.native.publicKey(seed)
      if (!equal(publicKey, engines.sodium.publicKey(seed))) return false
      const [native, sodium] = [engines.native.decapsulator(seed), engines.sodium.decapsulator(seed)]
      return Object.values(engines).every(engine => {
        const made = engine.encapsulate(publicKey)
        if (made === null) return false
        const secrets = [native(made.ciphertext), sodium(made.ciphertext)] as Uint8Array[]
        const forged = flipped(made.ciphertext, at, bit)
        const wrong = [native(forged), sodium(forged)] as Uint8Array[]
        return (
          secrets.every(secret => equal(secret, made.sharedSecret)) &&
          equal(wrong[0] as Uint8Array, wrong[1] as Uint8Array) &&
          !equal(wrong[0] as Uint8Array, made.sharedSecret)
        )
      })
    }),
    { numRuns: 20 },
  )
})

t.test('the unused bit of an X25519 key counts in the combiner, in both', async t => {
  const seed = new Uint8Array(32).fill(9)
  const made = engines.sodium.encapsulate(engines.sodium.publicKey(seed))
  const marked = flipped(made?.ciphertext as Uint8Array, 1119, 7)
  const [native, sodium] = [engines.native.decapsulator(seed)(marked), engines.sodium.decapsulator(seed)(marked)]
  t.equal(toHex(native as Uint8Array), toHex(sodium as Uint8Array))
  t.not(toHex(native as Uint8Array), toHex(made?.sharedSecret as Uint8Array))
})

t.test('X25519 parts of small order are refused by both', async t => {
  const seed = new Uint8Array(32).fill(9)
  const publicKey = engines.native.publicKey(seed)
  const ciphertext = engines.native.encapsulate(publicKey)?.ciphertext as Uint8Array
  for (const [name, engine] of Object.entries(engines)) {
    for (const y of [0, 1]) {
      const low = (bytes: Uint8Array, at: number) => {
        const copy = bytes.slice().fill(0, at)
        copy[at] = y
        return copy
      }
      t.equal(engine.encapsulate(low(publicKey, 1184)), null, `${name}: to`)
      t.equal(engine.decapsulator(seed)(low(ciphertext, 1088)), null, `${name}: from`)
    }
  }
})
