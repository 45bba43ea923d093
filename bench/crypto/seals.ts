import { randomBytes } from '../../src/crypto/bytes.ts'
import { SealSecretKey } from '../../src/crypto/keys.ts'
import { open, seal } from '../../src/crypto/seal.ts'
import { nativeXwing, sodiumXwing, type XwingEngine } from '../../src/crypto/xwing.ts'
import { type Contest, type Figure, type Measure, perSecond } from '../harness/figure.ts'

const TIMES = 300

export default {
  what: 'X-Wing alone on both engines (a new seed each time, and one prepared once), and whole seals of 32 bytes; one core. libsodium’s WASM, the browser’s engine, is what the native one is measured by.',
  unit: '/s',
  cores: 1,
  *contests(): Generator<Contest> {
    const engines = { sodium: sodiumXwing, ...(nativeXwing === null ? {} : { native: nativeXwing }) }
    const against = (of: string) => [{ of, against: 'sodium' }]
    yield { variant: 'encapsulate', sides: sidesOf(engines, encapsulate), comparisons: against('native') }
    yield { variant: 'decapsulate, new seed', sides: sidesOf(engines, fresh), comparisons: against('native') }
    yield { variant: 'decapsulate', sides: sidesOf(engines, prepared), comparisons: against('native') }
    const secret = SealSecretKey.generate()
    const info = randomBytes(1400)
    const key = randomBytes(32)
    const sealed = seal(secret.publicKey, info, key)
    const seals = { seal: () => seal(secret.publicKey, info, key), open: () => open(secret, info, sealed) }
    for (const [variant, work] of Object.entries(seals)) {
      yield { variant, sides: { coffre: repeated(work) }, comparisons: [{ of: 'coffre' }] }
    }
  },
} satisfies Figure

function repeated(work: () => unknown): Measure {
  return perSecond(TIMES, () => {
    for (let i = 0; i < TIMES; i++) work()
  })
}

function sidesOf(
  engines: Readonly<Record<string, XwingEngine>>,
  work: (engine: XwingEngine) => () => unknown,
): Record<string, Measure> {
  return Object.fromEntries(Object.entries(engines).map(([name, engine]) => [name, repeated(work(engine))]))
}

function encapsulate(engine: XwingEngine): () => unknown {
  const publicKey = engine.publicKey(randomBytes(32))
  return () => engine.encapsulate(publicKey)
}

function ciphertextFor(engine: XwingEngine, seed: Uint8Array): Uint8Array {
  const encapsulated = engine.encapsulate(engine.publicKey(seed))
  if (encapsulated === null) throw new TypeError('A key of our own was refused')
  return encapsulated.ciphertext
}

function fresh(engine: XwingEngine): () => unknown {
  const seed = randomBytes(32)
  const ciphertext = ciphertextFor(engine, seed)
  return () => engine.decapsulator(seed)(ciphertext)
}

function prepared(engine: XwingEngine): () => unknown {
  const seed = randomBytes(32)
  const ciphertext = ciphertextFor(engine, seed)
  const decapsulate = engine.decapsulator(seed)
  return () => decapsulate(ciphertext)
}
