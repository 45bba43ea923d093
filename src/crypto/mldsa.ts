import { ml_dsa44 } from '@noble/post-quantum/ml-dsa.js'
import { type Bytes, concat, equal, fromHex, randomBytes } from './bytes.ts'
import { CryptoError } from './errors.ts'
import { nodeCrypto } from './platform.ts'

// ML-DSA-44 (FIPS 204), pure, empty context. Native where the platform has it (Node 26), @noble/post-quantum elsewhere;
// this is the only file that imports the latter.

const SEED_LENGTH = 32
const PUBLIC_KEY_LENGTH = 1312
const SIGNATURE_LENGTH = 2420

// RFC 9881: id-ml-dsa-44 2.16.840.1.101.3.4.3.17; private key in its seed form, [0] IMPLICIT OCTET STRING of 32 bytes.
const PKCS8_PREFIX = fromHex('3034020100300b060960864801650304031104228020')
const SPKI_PREFIX = fromHex('30820532300b06096086480165030403110382052100')

/** What ML-DSA-44 needs from an engine; there are two. */
export interface MlDsaEngine {
  /** The public key of a seed. */
  publicKey(seed: Bytes): Bytes
  signer(seed: Bytes): (message: Bytes) => Bytes
  verifier(publicKey: Bytes): (message: Bytes, signature: Bytes) => boolean
}

function makeNativeEngine(): MlDsaEngine | null {
  const native = nodeCrypto('createPrivateKey', 'createPublicKey', 'sign', 'verify')
  if (native === null) return null
  const privateKey = (seed: Bytes) => {
    const key = Buffer.from(concat(PKCS8_PREFIX, seed))
    try {
      return native.createPrivateKey({ key, format: 'der', type: 'pkcs8' })
    } finally {
      key.fill(0)
    }
  }
  try {
    privateKey(new Uint8Array(SEED_LENGTH))
  } catch {
    return null // a Node, or an OpenSSL under it, without ML-DSA
  }
  return {
    publicKey(seed) {
      const spki = native.createPublicKey(privateKey(seed)).export({ format: 'der', type: 'spki' })
      return new Uint8Array(spki.subarray(SPKI_PREFIX.length))
    },
    signer(seed) {
      const key = privateKey(seed)
      return message => new Uint8Array(native.sign(null, message, key))
    },
    verifier(publicKey) {
      const der = Buffer.from(concat(SPKI_PREFIX, publicKey))
      const key = native.createPublicKey({ key: der, format: 'der', type: 'spki' })
      return (message, signature) => native.verify(null, message, key, signature)
    },
  }
}

/** The platform's engine, `null` where there is none. For tests; elsewhere use the classes below. */
export const nativeEngine: MlDsaEngine | null = makeNativeEngine()

/** The engine for browsers and older platforms. For tests; elsewhere use the classes below. */
export const portableEngine: MlDsaEngine = {
  publicKey: seed => ml_dsa44.keygen(seed).publicKey,
  signer(seed) {
    const { secretKey } = ml_dsa44.keygen(seed)
    return message => ml_dsa44.sign(message, secretKey)
  },
  verifier: publicKey => (message, signature) => ml_dsa44.verify(signature, message, publicKey),
}

const engine = nativeEngine ?? portableEngine

/** A private ML-DSA-44 key: signs what must still be evidence when Ed25519 no longer is. */
export class MlDsaSigningKey {
  readonly #seed: Bytes
  readonly #sign: (message: Bytes) => Bytes
  /** The public half. */
  readonly verifyKey: MlDsaVerifyKey

  private constructor(seed: Bytes) {
    this.#seed = seed
    this.#sign = engine.signer(seed)
    this.verifyKey = MlDsaVerifyKey.parse(engine.publicKey(seed))
  }

  /** A new random key. */
  static generate(): MlDsaSigningKey {
    return new MlDsaSigningKey(randomBytes(SEED_LENGTH))
  }

  /** The key of a 32-byte seed (FIPS 204 §5.1, ξ), copied. Throws `CryptoError` `key-length`. */
  static fromSeed(seed: Bytes): MlDsaSigningKey {
    if (seed.length !== SEED_LENGTH) {
      throw new CryptoError(`An ML-DSA seed has ${SEED_LENGTH} bytes, not ${seed.length}`, {
        code: 'key-length',
      })
    }
    return new MlDsaSigningKey(new Uint8Array(seed))
  }

  /** A copy of the seed, to be stored sealed. Whoever asks wipes it. */
  get seed(): Bytes {
    return new Uint8Array(this.#seed)
  }

  /** The 2,420-byte signature; hedged, so two signatures of one message differ. */
  sign(message: Bytes): Bytes {
    return this.#sign(message)
  }
}

/** A public ML-DSA-44 key. */
export class MlDsaVerifyKey {
  readonly #bytes: Bytes
  #verify: ((message: Bytes, signature: Bytes) => boolean) | null = null

  private constructor(bytes: Bytes) {
    this.#bytes = bytes
  }

  /** The key of 1,312 bytes, copied. Throws `CryptoError` `key-length`. (Every string of that length is a key.) */
  static parse(bytes: Bytes): MlDsaVerifyKey {
    if (bytes.length !== PUBLIC_KEY_LENGTH) {
      throw new CryptoError(`An ML-DSA-44 public key has ${PUBLIC_KEY_LENGTH} bytes, not ${bytes.length}`, {
        code: 'key-length',
      })
    }
    return new MlDsaVerifyKey(new Uint8Array(bytes))
  }

  /** A copy of the 1,312 bytes. */
  get bytes(): Bytes {
    return new Uint8Array(this.#bytes)
  }

  /** Whether the signature is good for the message under this key (FIPS 204 §5.3, empty context). */
  verify(message: Bytes, signature: Bytes): boolean {
    if (signature.length !== SIGNATURE_LENGTH) return false
    this.#verify ??= engine.verifier(this.#bytes)
    return this.#verify(message, signature)
  }

  /** Whether two keys are the same. */
  equals(other: MlDsaVerifyKey): boolean {
    return equal(this.#bytes, other.#bytes)
  }
}
