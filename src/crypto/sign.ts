import { type Bytes, concat, equal, fromHex, randomBytes, toBase64url, wipe } from './bytes.ts'
import { CryptoError } from './errors.ts'
import { nodeCrypto } from './platform.ts'

// Ed25519 (RFC 8032 §5.1), pure, no context. Two engines: the platform's native one in Node, libsodium elsewhere (browsers
// have Ed25519 in WebCrypto, asynchronous, and each with a rule of its own on what is valid).
//
// Which signatures are valid, exactly, since RFC 8032 leaves it open and two verifiers that differ can be played
// against each other (Chalkias, Garillot, Nikolaenko: "Taming the many EdDSAs"); docs/protocol/ed25519.md is the rule:
//  1. S < L: no second S for the same signature.
//  2. A (the public key) is a canonical encoding and not of small order: checked at `VerifyKey.parse`. A key of small
//     order verifies one signature for many messages.
//  3. R is a canonical encoding and not of small order.
//  4. The equation without cofactor, by recomputing R and comparing its bytes: [S]B − [k]A = R.
// That is what libsodium accepts. 1, 2 and 3 are checked here for both engines, 4 is what both compute. Checked against the
// C2SP CCTV edge cases and Wycheproof.

/** What Ed25519 needs from an engine. Seeds and public keys have 32 bytes, signatures 64; `sign.ts` has checked that. */
export interface SignEngine {
  signer(seed: Bytes): { readonly publicKey: Bytes; sign(message: Bytes): Bytes; wipe(): void }
  /** Whether the equation without cofactor holds; `false` too when the key is not on the curve. */
  verifier(publicKey: Bytes): (message: Bytes, signature: Bytes) => boolean
  /** The same beside this thread, where the platform has threads for it. */
  verifierAside?(publicKey: Bytes): (message: Bytes, signature: Bytes) => Promise<boolean>
}

const PKCS8_PREFIX = fromHex('302e020100300506032b657004220420') // RFC 8410 §7, the seed follows
const SPKI_PREFIX = fromHex('302a300506032b6570032100') // RFC 8410 §4, the point follows

// The rules below compare bytes, little-endian as they come: numbers made of them cost a verification a tenth of its time.
// All of it is public, so nothing needs constant time.

/** 2^252 + 27742317777372353535851937790883648493, the order of the base point. */
const L = fromHex('edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010')
/** 2^255 − 19, the order of the field. */
const P = fromHex('edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f')

/** y of the points of order 1, 2, 4 and 8 (two each of the last, one per sign of x). RFC 8032's curve has 8 of them. */
const SMALL_ORDER_Y: readonly Bytes[] = [
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '0000000000000000000000000000000000000000000000000000000000000000',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
].map(fromHex)

/** Whether 32 bytes are a number below `bound`; `top`: which bits of the last byte count. */
function isBelow(bytes: Bytes, bound: Bytes, top: number): boolean {
  for (let i = 31; i >= 0; i--) {
    const byte = (bytes[i] as number) & (i === 31 ? top : 0xff)
    if (byte !== bound[i]) return byte < (bound[i] as number)
  }
  return false
}

/** Whether 32 bytes stand for this y, whatever the sign of x. */
function isPointAt(y: Bytes, bytes: Bytes): boolean {
  for (let i = 0; i < 31; i++) if (bytes[i] !== y[i]) return false
  return ((bytes[31] as number) & 0x7f) === y[31]
}

/** Whether 32 bytes may stand for A or R: y below p (canonical), and not a point of small order. */
function isAcceptablePoint(bytes: Bytes): boolean {
  return isBelow(bytes, P, 0x7f) && !SMALL_ORDER_Y.some(y => isPointAt(y, bytes))
}

/** The rules 1 and 3. */
function isAcceptableSignature(signature: Bytes): boolean {
  if (signature.length !== 64) return false
  if (!isAcceptablePoint(signature.subarray(0, 32))) return false
  if (!isBelow(signature.subarray(32), L, 0xff)) return false
  return true
}

function makeNativeEngine(): SignEngine | null {
  const native = nodeCrypto('createPrivateKey', 'createPublicKey', 'sign', 'verify')
  if (native === null) return null
  const pointOf = (publicKey: Bytes) => {
    const der = Buffer.from(concat(SPKI_PREFIX, publicKey))
    return native.createPublicKey({ key: der, format: 'der', type: 'spki' })
  }
  return {
    signer(seed) {
      const der = Buffer.from(concat(PKCS8_PREFIX, seed))
      const key = native.createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
      wipe(der)
      const spki = native.createPublicKey(key).export({ format: 'der', type: 'spki' })
      return {
        publicKey: new Uint8Array(spki.subarray(SPKI_PREFIX.length)),
        sign: message => new Uint8Array(native.sign(null, message, key)),
        wipe() {
          // OpenSSL cleanses a key when the last reference to it is gone.
        },
      }
    },
    verifier(publicKey) {
      const key = pointOf(publicKey)
      return (message, signature) => native.verify(null, message, key, signature)
    },
    verifierAside(publicKey) {
      const key = pointOf(publicKey)
      return (message, signature) =>
        new Promise((resolve, reject) => {
          native.verify(null, message, key, signature, (error, isGood) => {
            if (error === null) resolve(isGood)
            else reject(error)
          })
        })
    },
  }
}

/** The platform's engine, `null` where there is none. For tests; elsewhere use the classes below. */
export const nativeEngine: SignEngine | null = makeNativeEngine()

const engine: SignEngine = nativeEngine ?? (await import('./sodium-sign.ts')).sodiumSign

/** Verifiers of the keys last seen, by the key: to prepare one takes the platform a fifth of a verification. */
const verifiers = new Map<string, ReturnType<SignEngine['verifier']>>()
const VERIFIERS_MAX = 1024

function verifierOf(publicKey: Bytes): ReturnType<SignEngine['verifier']> {
  const name = toBase64url(publicKey)
  const verifier = verifiers.get(name) ?? engine.verifier(publicKey)
  verifiers.delete(name) // the last used stands last
  verifiers.set(name, verifier)
  if (verifiers.size > VERIFIERS_MAX) verifiers.delete(verifiers.keys().next().value as string)
  return verifier
}

/** A private Ed25519 key. Signs statements and requests; never opens anything. */
export class SigningKey {
  readonly kind = 'signing-key'
  #seed: Bytes | null
  #signer: ReturnType<SignEngine['signer']> | null
  /** The public half. */
  readonly verifyKey: VerifyKey

  private constructor(seed: Bytes) {
    this.#seed = seed
    this.#signer = engine.signer(seed)
    this.verifyKey = VerifyKey.parse(this.#signer.publicKey)
  }

  /** A new random key. */
  static generate(): SigningKey {
    return new SigningKey(randomBytes(32))
  }

  /** The key of a 32-byte seed (RFC 8032 §5.1.5), copied. Throws `CryptoError` `key-length`. */
  static fromSeed(seed: Bytes): SigningKey {
    if (seed.length !== 32) throw keyLength('An Ed25519 seed', 32, seed.length)
    return new SigningKey(new Uint8Array(seed))
  }

  /** A copy of the seed, to be stored sealed. Whoever asks wipes it. Throws `CryptoError` `key-wiped`. */
  get seed(): Bytes {
    if (this.#seed === null) throw keyWiped()
    return new Uint8Array(this.#seed)
  }

  /** The 64-byte signature; deterministic. Throws `CryptoError` `key-wiped`. */
  sign(message: Bytes): Bytes {
    if (this.#signer === null) throw keyWiped()
    return this.#signer.sign(message)
  }

  /** Overwrites the key; it cannot be used any more. Best effort, see `wipe` in `bytes.ts`. */
  wipe(): void {
    if (this.#seed !== null) wipe(this.#seed)
    this.#signer?.wipe()
    this.#seed = null
    this.#signer = null
  }

  /** The same, for `using`. */
  [Symbol.dispose](): void {
    this.wipe()
  }

  /** What JSON, logs and messages get instead of the key. */
  toJSON(): string {
    return `[${this.kind}]`
  }
}

/** A public Ed25519 key. */
export class VerifyKey {
  readonly kind = 'verify-key'
  readonly #bytes: Bytes
  #verify: ReturnType<SignEngine['verifier']> | null = null
  #verifyAside: ReturnType<NonNullable<SignEngine['verifierAside']>> | null = null

  private constructor(bytes: Bytes) {
    this.#bytes = bytes
  }

  /**
   * The key of 32 bytes, copied. Throws `CryptoError` `key-length`, or `key-malformed` for a non-canonical encoding or
   * a point of small order. (Whether the point is on the curve at all shows at the first `verify`, which is then false.)
   */
  static parse(bytes: Bytes): VerifyKey {
    if (bytes.length !== 32) throw keyLength('An Ed25519 public key', 32, bytes.length)
    if (!isAcceptablePoint(bytes)) {
      throw new CryptoError('Not an acceptable Ed25519 public key: non-canonical or of small order', {
        code: 'key-malformed',
      })
    }
    return new VerifyKey(new Uint8Array(bytes))
  }

  /** A copy of the 32 bytes. */
  get bytes(): Bytes {
    return new Uint8Array(this.#bytes)
  }

  /** Whether the signature is good for the message under this key, by the rule at the top of this file. */
  verify(message: Bytes, signature: Bytes): boolean {
    if (!isAcceptableSignature(signature)) return false
    this.#verify ??= verifierOf(this.#bytes)
    return this.#verify(message, signature)
  }

  /** The same for many at once, beside this thread where the platform can; neither array may change before it is there. */
  async verifyAside(message: Bytes, signature: Bytes): Promise<boolean> {
    if (engine.verifierAside === undefined) return this.verify(message, signature)
    if (!isAcceptableSignature(signature)) return false
    this.#verifyAside ??= engine.verifierAside(this.#bytes)
    return this.#verifyAside(message, signature)
  }

  /** Whether two keys are the same. */
  equals(other: VerifyKey): boolean {
    return equal(this.#bytes, other.#bytes)
  }
}

function keyLength(what: string, wanted: number, got: number): CryptoError {
  return new CryptoError(`${what} has ${wanted} bytes, not ${got}`, { code: 'key-length' })
}

function keyWiped(): CryptoError {
  return new CryptoError('This key was wiped: load it again', { code: 'key-wiped' })
}
