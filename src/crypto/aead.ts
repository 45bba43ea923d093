import { type Bytes, concat } from './bytes.ts'
import { CryptoError } from './errors.ts'
import { nodeCrypto } from './platform.ts'
import { CHACHA20_POLY1305, chachaOpen, chachaSeal } from './sodium.ts'

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
   * As `seal` without associated data, ciphertext and tag apart, as the platform gives them: joining them costs a long
   * message a tenth of its speed.
   */
  sealApart?(key: Bytes, nonce: Bytes, plaintext: Bytes): readonly [ciphertext: Bytes, tag: Bytes]
}

const NAME = 'AEAD_CHACHA20_POLY1305'
const EMPTY: Bytes = new Uint8Array(0)
const { key: KEY, nonce: NONCE, tag: TAG } = CHACHA20_POLY1305

/** Below this many bytes libsodium is the faster engine. */
const SMALL = 2048

/** libsodium's engine. */
export const sodiumAead: Aead = { name: NAME, keyLength: KEY, seal: chachaSeal, open: chachaOpen }

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
  return {
    name: NAME,
    keyLength: KEY,
    seal: (key, nonce, plaintext, aad) => concat(...sealApart(key, nonce, plaintext, aad)),
    sealApart(key, nonce, plaintext) {
      const [ciphertext, tag] = sealApart(key, nonce, plaintext, EMPTY)
      return [plain(ciphertext), plain(tag)]
    },
    open(key, nonce, sealed, aad) {
      checkLengths(key, nonce)
      if (sealed.length < TAG) return null
      const length = sealed.length - TAG
      const decipher = native.createDecipheriv('chacha20-poly1305', key, nonce, options)
      decipher.setAuthTag(sealed.subarray(length))
      if (aad.length > 0) decipher.setAAD(aad, { plaintextLength: length })
      const plaintext = decipher.update(sealed.subarray(0, length))
      try {
        decipher.final()
      } catch {
        plaintext.fill(0) // not authenticated: nobody gets to see it
        return null
      }
      return plain(plaintext)
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
  ...(nativeAead?.sealApart && { sealApart: nativeAead.sealApart }),
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
