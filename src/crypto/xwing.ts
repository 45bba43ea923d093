import type { KeyObject } from 'node:crypto'
import { type Bytes, concat, fromHex } from './bytes.ts'
import { nodeCrypto } from './platform.ts'
import { XWING, xwingDecapsulate, xwingEncapsulate, xwingPublicKey } from './sodium.ts'

// X-Wing (draft-connolly-cfrg-xwing-kem §5), two engines that give the same bytes: libsodium, and the platform's native
// ML-KEM-768 and X25519, about three times as fast once a key is prepared (a record of a thousand documents is a thousand
// seals under a few keys).
//
// It opens what is sealed: nothing the host runs may import this file.

/** What seals need from an engine. A public key is one that `SealPublicKey.parse` took. */
export interface XwingEngine {
  publicKey(seed: Bytes): Bytes
  /** `null` for a public key whose X25519 part is of small order. */
  encapsulate(publicKey: Bytes): { readonly ciphertext: Bytes; readonly sharedSecret: Bytes } | null
  /**
   * Prepares a seed once. The function gives the shared secret of a ciphertext of 1,120 bytes: another one for a wrong
   * ciphertext (ML-KEM rejects implicitly), `null` when its X25519 part is of small order, which the draft does not ask.
   */
  decapsulator(seed: Bytes): (ciphertext: Bytes) => Bytes | null
  /** The same beside this thread, where the platform has threads for it. */
  decapsulatorAside?(seed: Bytes): (ciphertext: Bytes) => Promise<Bytes | null>
}

/** libsodium's engine. */
export const sodiumXwing: XwingEngine = {
  publicKey: xwingPublicKey,
  encapsulate: publicKey => xwingEncapsulate(publicKey),
  decapsulator(seed) {
    const own = new Uint8Array(seed)
    return ciphertext => xwingDecapsulate(ciphertext, own)
  },
}

const ML_KEM_PUBLIC = 1184
const ML_KEM_CIPHERTEXT = 1088
/** The last input of the combiner: `\.//^\` (draft §5.3). */
const LABEL = fromHex('5c2e2f2f5e5c')

const PREFIX = {
  /** draft-ietf-lamps-kyber-certificates: id-alg-ml-kem-768, private key in its seed form, [0] of 64 bytes. */
  mlKemPrivate: fromHex('3054020100300b060960864801650304040204428040'),
  mlKemPublic: fromHex('308204b2300b0609608648016503040402038204a100'),
  /** RFC 8410. */
  x25519Private: fromHex('302e020100300506032b656e04220420'),
  x25519Public: fromHex('302a300506032b656e032100'),
}

function makeNativeXwing(): XwingEngine | null {
  const native = nodeCrypto(
    'createHash',
    'createPrivateKey',
    'createPublicKey',
    'decapsulate',
    'diffieHellman',
    'encapsulate',
    'generateKeyPairSync',
  )
  if (native === null) return null

  const privateKey = (prefix: Bytes, secret: Bytes): KeyObject => {
    const key = Buffer.from(concat(prefix, secret))
    try {
      return native.createPrivateKey({ key, format: 'der', type: 'pkcs8' })
    } finally {
      key.fill(0)
    }
  }
  const publicKey = (prefix: Bytes, bytes: Bytes): KeyObject =>
    native.createPublicKey({ key: Buffer.from(concat(prefix, bytes)), format: 'der', type: 'spki' })
  /** Of X25519, without the wrapping that takes longer to read than half of the agreement. */
  const pointOf = (bytes: Bytes): KeyObject =>
    native.createPublicKey({ key: Buffer.from(bytes), format: 'raw-public', asymmetricKeyType: 'x25519' })
  const rawPublic = (key: KeyObject, prefix: Bytes): Bytes =>
    new Uint8Array(native.createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(prefix.length))

  /** The two private keys of a seed (§5.2). */
  const expand = (seed: Bytes) => {
    const expanded = native.createHash('shake256', { outputLength: 96 }).update(seed).digest()
    const keys = {
      mlKem: privateKey(PREFIX.mlKemPrivate, expanded.subarray(0, 64)),
      x25519: privateKey(PREFIX.x25519Private, expanded.subarray(64)),
    }
    expanded.fill(0)
    return keys
  }

  const agreeAside = (privateKey: KeyObject, theirs: Bytes): Promise<Bytes | null> =>
    new Promise(resolve => {
      const pair = { privateKey, publicKey: pointOf(theirs) }
      native.diffieHellman(pair, (error, secret) => resolve(error === null ? secret : null))
    })

  const decapsulateAside = (own: KeyObject, ciphertext: Bytes): Promise<Bytes> =>
    new Promise((resolve, reject) => {
      native.decapsulate(own, ciphertext, (error, secret) => (error === null ? resolve(secret) : reject(error)))
    })

  /** X25519, `null` where OpenSSL refuses a result of zero. */
  const agree = (own: KeyObject, theirs: Bytes): Bytes | null => {
    try {
      return native.diffieHellman({ privateKey: own, publicKey: pointOf(theirs) })
    } catch {
      return null
    }
  }

  const combine = (mlKem: Bytes, x25519: Bytes, ciphertext: Bytes, recipient: Bytes): Bytes =>
    new Uint8Array(
      native
        .createHash('sha3-256')
        .update(mlKem)
        .update(x25519)
        .update(ciphertext)
        .update(recipient)
        .update(LABEL)
        .digest(),
    )

  const engine: XwingEngine = {
    publicKey(seed) {
      const { mlKem, x25519 } = expand(seed)
      return concat(rawPublic(mlKem, PREFIX.mlKemPublic), rawPublic(x25519, PREFIX.x25519Public))
    },
    encapsulate(recipient) {
      const theirs = recipient.subarray(ML_KEM_PUBLIC)
      const ephemeral = native.generateKeyPairSync('x25519').privateKey
      const x25519 = agree(ephemeral, theirs)
      if (x25519 === null) return null
      const own = rawPublic(ephemeral, PREFIX.x25519Public)
      const mlKem = native.encapsulate(publicKey(PREFIX.mlKemPublic, recipient.subarray(0, ML_KEM_PUBLIC)))
      return {
        ciphertext: concat(mlKem.ciphertext, own),
        sharedSecret: combine(mlKem.sharedKey, x25519, own, theirs),
      }
    },
    decapsulator(seed) {
      const { mlKem, x25519 } = expand(seed)
      const own = rawPublic(x25519, PREFIX.x25519Public)
      return ciphertext => {
        const theirs = ciphertext.subarray(ML_KEM_CIPHERTEXT)
        const agreed = agree(x25519, theirs)
        if (agreed === null) return null
        return combine(native.decapsulate(mlKem, ciphertext.subarray(0, ML_KEM_CIPHERTEXT)), agreed, theirs, own)
      }
    },
    decapsulatorAside(seed) {
      const { mlKem, x25519 } = expand(seed)
      const own = rawPublic(x25519, PREFIX.x25519Public)
      return async ciphertext => {
        const theirs = ciphertext.subarray(ML_KEM_CIPHERTEXT)
        const [agreed, shared] = await Promise.all([
          agreeAside(x25519, theirs),
          decapsulateAside(mlKem, ciphertext.subarray(0, ML_KEM_CIPHERTEXT)),
        ])
        return agreed === null ? null : combine(shared, agreed, theirs, own)
      }
    },
  }
  try {
    engine.publicKey(new Uint8Array(XWING.seed))
    return engine
  } catch {
    return null // a Node, or an OpenSSL under it, without ML-KEM
  }
}

/** The platform's engine, `null` where there is none. */
export const nativeXwing: XwingEngine | null = makeNativeXwing()

/** X-Wing, by the faster engine. */
export const xwing: XwingEngine = nativeXwing ?? sodiumXwing
