import { type Bytes, concat, release, wipe } from './bytes.ts'
import { CryptoError } from './errors.ts'
import { nodeCrypto } from './platform.ts'
import { CHACHA20_POLY1305, chachaOpen, chachaOpenInto, chachaSeal, chachaSealInto } from './sodium.ts'

// ChaCha20-Poly1305 (RFC 8439 §2.8), two engines that give the same bytes: the platform's native one, three times as fast
// on a chunk, and libsodium, faster on a few hundred bytes and there in browsers.
//
// It opens what is sealed: nothing the host runs may import this file.

/** An authenticated cipher with a 12-byte nonce and a 16-byte tag at the end of the ciphertext. */
export interface Aead {
  /** Name in IANA's AEAD registry. */
  readonly name: string
  /** In bytes. */
  readonly keyLength: number
  seal(key: Bytes, nonce: Bytes, plaintext: Bytes, aad: Bytes): Bytes
  /** `null` when it does not authenticate; never a part of the plaintext. */
  open(key: Bytes, nonce: Bytes, sealed: Bytes, aad: Bytes): Bytes | null
  /**
   * As `seal` without associated data, into `out`, which has the ciphertext's length: a long message spares its engine's
   * own arrays.
   */
  sealInto?(key: Bytes, nonce: Bytes, plaintext: Bytes, out: Bytes): void
  /** As `open` without associated data, into `out`, which has the plaintext's length. `false`: nothing of it is in there. */
  openInto?(key: Bytes, nonce: Bytes, sealed: Bytes, out: Bytes): boolean
}

const NAME = 'AEAD_CHACHA20_POLY1305'
const EMPTY: Bytes = new Uint8Array(0)
const { key: KEY, nonce: NONCE, tag: TAG } = CHACHA20_POLY1305

/** Below this many bytes libsodium is the faster engine. */
const SMALL = 2048

/** libsodium's engine. */
export const sodiumAead: Aead = {
  name: NAME,
  keyLength: KEY,
  seal: chachaSeal,
  open: chachaOpen,
  sealInto: chachaSealInto,
  openInto: chachaOpenInto,
}

function makeNativeAead(): Aead | null {
  const native = nodeCrypto('createCipheriv', 'createDecipheriv')
  if (native === null) return null
  const options = { authTagLength: TAG } as const
  const sealApart = (key: Bytes, nonce: Bytes, plaintext: Bytes, aad: Bytes): readonly [Bytes, Bytes] => {
    checkLengths(key, nonce)
    const cipher = native.createCipheriv('chacha20-poly1305', key, nonce, options)
    if (aad.length > 0) cipher.setAAD(aad, { plaintextLength: plaintext.length })
    const ciphertext = cipher.update(plaintext)
    cipher.final() // a stream cipher: nothing is left
    return [ciphertext, cipher.getAuthTag()]
  }
  const tryOpen = (key: Bytes, nonce: Bytes, sealed: Bytes, aad: Bytes): Bytes | null => {
    checkLengths(key, nonce)
    if (sealed.length < TAG) return null
    const length = sealed.length - TAG
    const decipher = native.createDecipheriv('chacha20-poly1305', key, nonce, options)
    decipher.setAuthTag(sealed.subarray(length))
    if (aad.length > 0) decipher.setAAD(aad, { plaintextLength: length })
    const plaintext = decipher.update(sealed.subarray(0, length))
    try {
      decipher.final()
      return plaintext
    } catch {
      plaintext.fill(0) // not authenticated: nobody gets to see it
      return null
    }
  }
  return {
    name: NAME,
    keyLength: KEY,
    seal: (key, nonce, plaintext, aad) => concat(...sealApart(key, nonce, plaintext, aad)),
    open(key, nonce, sealed, aad) {
      const plaintext = tryOpen(key, nonce, sealed, aad)
      return plaintext === null ? null : plain(plaintext)
    },
    sealInto(key, nonce, plaintext, out) {
      const [ciphertext, tag] = sealApart(key, nonce, plaintext, EMPTY)
      out.set(ciphertext)
      out.set(tag, ciphertext.length)
      release(ciphertext)
    },
    openInto(key, nonce, sealed, out) {
      const plaintext = tryOpen(key, nonce, sealed, EMPTY)
      if (plaintext === null) return false
      out.set(plaintext)
      wipe(plaintext)
      release(plaintext)
      return true
    },
  }
}

/** The platform's engine, `null` where there is none. */
export const nativeAead: Aead | null = makeNativeAead()

/** ChaCha20-Poly1305, by the faster engine for the length. */
export const chacha20Poly1305: Aead = {
  name: NAME,
  keyLength: KEY,
  seal: (key, nonce, plaintext, aad) => engineFor(plaintext.length).seal(key, nonce, plaintext, aad),
  open: (key, nonce, sealed, aad) => engineFor(sealed.length).open(key, nonce, sealed, aad),
  sealInto: (key, nonce, plaintext, out) => engineFor(plaintext.length).sealInto?.(key, nonce, plaintext, out),
  openInto: (key, nonce, sealed, out) => engineFor(sealed.length).openInto?.(key, nonce, sealed, out) ?? false,
}

/** The same memory, without the methods of `Buffer`. */
function plain(buffer: Bytes): Bytes {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length)
}

function engineFor(length: number): Aead {
  return length < SMALL ? sodiumAead : (nativeAead ?? sodiumAead)
}

function checkLengths(key: Bytes, nonce: Bytes): void {
  if (key.length !== KEY || nonce.length !== NONCE) {
    throw new CryptoError(`ChaCha20-Poly1305 takes ${KEY} bytes of key and ${NONCE} of nonce`, { code: 'key-length' })
  }
}
