import { type Bytes, concat, equal, fromHex, randomBytes } from './bytes.ts'
import { CryptoError } from './errors.ts'
import { nodeCrypto } from './platform.ts'

// Ed25519 (RFC 8032 §5.1), pure, no context. Native only: it needs Node's synchronous crypto; elsewhere every function
// that computes throws `CryptoError` `sign-unavailable`. (Browsers have Ed25519 in WebCrypto, asynchronous; their door
// comes with the patient's pages.)
//
// Which signatures are valid, exactly, since RFC 8032 leaves it open and two verifiers that differ can be played
// against each other (Chalkias, Garillot, Nikolaenko: "Taming the many EdDSAs"):
//  1. S < L: no second S for the same signature.
//  2. A (the public key) is a canonical encoding and not of small order: checked at `VerifyKey.parse`. A key of small
//     order verifies one signature for many messages.
//  3. R is a canonical encoding and not of small order.
//  4. The equation without cofactor, by recomputing R and comparing its bytes: [S]B − [k]A = R.
// That is what libsodium accepts. 2 and 3 are checked here, 1 and 4 by OpenSSL and 1 here again (cheap, and OpenSSL's
// older releases are not our business). Checked against the C2SP CCTV edge cases and Wycheproof.

const native = nodeCrypto('createPrivateKey', 'createPublicKey', 'sign', 'verify')

function engine(): NonNullable<typeof native> {
  if (native === null) {
    throw new CryptoError('Ed25519 needs the platform’s native crypto: run this in Node', {
      code: 'sign-unavailable',
    })
  }
  return native
}

const PKCS8_PREFIX = fromHex('302e020100300506032b657004220420') // RFC 8410 §7, the seed follows
const SPKI_PREFIX = fromHex('302a300506032b6570032100') // RFC 8410 §4, the point follows

/** 2^252 + 27742317777372353535851937790883648493, the order of the base point. */
const L = 0x1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3edn
/** 2^255 − 19, the order of the field. */
const P = (1n << 255n) - 19n

/** y of the points of order 1, 2, 4 and 8 (two each of the last, one per sign of x). RFC 8032's curve has 8 of them. */
const SMALL_ORDER_Y: ReadonlySet<bigint> = new Set([
  1n,
  P - 1n,
  0n,
  0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd83d3d706a17c7n,
  0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n,
])

function littleEndian(bytes: Bytes): bigint {
  return BigInt(`0x${bytes.toReversed().toHex()}`)
}

/** Whether 32 bytes may stand for A or R: y below p (canonical), and not a point of small order. */
function isAcceptablePoint(bytes: Bytes): boolean {
  const y = littleEndian(bytes) & ((1n << 255n) - 1n)
  return y < P && !SMALL_ORDER_Y.has(y)
}

/** A private Ed25519 key. Signs statements and requests; never opens anything. */
export class SigningKey {
  readonly #seed: Bytes
  readonly #key: ReturnType<NonNullable<typeof native>['createPrivateKey']>
  /** The public half. */
  readonly verifyKey: VerifyKey

  private constructor(seed: Bytes) {
    this.#seed = seed
    const { createPrivateKey, createPublicKey } = engine()
    const key = Buffer.from(concat(PKCS8_PREFIX, seed))
    this.#key = createPrivateKey({ key, format: 'der', type: 'pkcs8' })
    key.fill(0)
    const spki = createPublicKey(this.#key).export({ format: 'der', type: 'spki' })
    this.verifyKey = VerifyKey.parse(new Uint8Array(spki.subarray(SPKI_PREFIX.length)))
  }

  /** A new random key. Throws `CryptoError` `sign-unavailable` outside Node. */
  static generate(): SigningKey {
    return new SigningKey(randomBytes(32))
  }

  /** The key of a 32-byte seed (RFC 8032 §5.1.5), copied. Throws `CryptoError` `key-length` or `sign-unavailable`. */
  static fromSeed(seed: Bytes): SigningKey {
    if (seed.length !== 32) throw keyLength('An Ed25519 seed', 32, seed.length)
    return new SigningKey(new Uint8Array(seed))
  }

  /** A copy of the seed, to be stored sealed. Whoever asks wipes it. */
  get seed(): Bytes {
    return new Uint8Array(this.#seed)
  }

  /** The 64-byte signature; deterministic. */
  sign(message: Bytes): Bytes {
    return new Uint8Array(engine().sign(null, message, this.#key))
  }
}

/** A public Ed25519 key. */
export class VerifyKey {
  readonly #bytes: Bytes
  #key: ReturnType<NonNullable<typeof native>['createPublicKey']> | null = null

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
    const { createPublicKey, verify } = engine()
    if (signature.length !== 64) return false
    if (!isAcceptablePoint(signature.subarray(0, 32))) return false
    if (littleEndian(signature.subarray(32)) >= L) return false
    if (this.#key === null) {
      const key = Buffer.from(concat(SPKI_PREFIX, this.#bytes))
      this.#key = createPublicKey({ key, format: 'der', type: 'spki' })
    }
    return verify(null, message, this.#key, signature)
  }

  /** Whether two keys are the same. */
  equals(other: VerifyKey): boolean {
    return equal(this.#bytes, other.#bytes)
  }
}

function keyLength(what: string, wanted: number, got: number): CryptoError {
  return new CryptoError(`${what} has ${wanted} bytes, not ${got}`, { code: 'key-length' })
}
