import sodium from 'libsodium-wrappers'
import type { Bytes } from './bytes.ts'
import { CryptoError } from './errors.ts'

// The only file that imports libsodium. What it absorbs: arguments given as text silently become UTF-8 (here: only bytes
// of the right length get through); a failed allocation throws something that is not an Error; refusal is an exception
// told from others by its text alone (here: null).
//
// It reaches functions that open what is sealed: nothing the host runs may import this file.

await sodium.ready

/** Sizes of X-Wing (draft-connolly-cfrg-xwing-kem §5), in bytes. The secret key is the 32-byte seed itself. */
export const XWING = { seed: 32, publicKey: 1216, ciphertext: 1120, encapsulationSeed: 64, sharedSecret: 32 } as const

/** Sizes of ChaCha20-Poly1305 (RFC 8439 §2.8), in bytes. */
export const CHACHA20_POLY1305 = { key: 32, nonce: 12, tag: 16 } as const

/** Public key of an X-Wing seed. */
export function xwingPublicKey(seed: Bytes): Bytes {
  checkLength('X-Wing seed', seed, XWING.seed)
  return run(() => sodium.crypto_kem_xwing_seed_keypair(seed).publicKey)
}

/**
 * Encapsulates to a public key. `seed` (64 bytes) only to reproduce published vectors. `null` when libsodium refuses the
 * key: an ML-KEM part with coefficients outside the field, an X25519 part of small order.
 */
export function xwingEncapsulate(publicKey: Bytes, seed?: Bytes): { ciphertext: Bytes; sharedSecret: Bytes } | null {
  checkLength('X-Wing public key', publicKey, XWING.publicKey)
  if (seed !== undefined) checkLength('X-Wing encapsulation seed', seed, XWING.encapsulationSeed)
  return runOrNull(() =>
    seed === undefined
      ? sodium.crypto_kem_xwing_enc(publicKey)
      : sodium.crypto_kem_xwing_enc_deterministic(publicKey, seed),
  )
}

/**
 * Decapsulates. A wrong ciphertext gives another secret (ML-KEM rejects implicitly), or `null` when its X25519 part is of
 * small order, which libsodium refuses although the draft does not.
 */
export function xwingDecapsulate(ciphertext: Bytes, seed: Bytes): Bytes | null {
  checkLength('X-Wing ciphertext', ciphertext, XWING.ciphertext)
  checkLength('X-Wing seed', seed, XWING.seed)
  return runOrNull(() => sodium.crypto_kem_xwing_dec(ciphertext, seed))
}

/** ChaCha20-Poly1305 encryption: ciphertext ‖ tag. */
export function chachaSeal(key: Bytes, nonce: Bytes, plaintext: Bytes, aad: Bytes): Bytes {
  checkLength('ChaCha20-Poly1305 key', key, CHACHA20_POLY1305.key)
  checkLength('ChaCha20-Poly1305 nonce', nonce, CHACHA20_POLY1305.nonce)
  return run(() => sodium.crypto_aead_chacha20poly1305_ietf_encrypt(plaintext, aad, null, nonce, key))
}

/** ChaCha20-Poly1305 decryption of ciphertext ‖ tag; `null` when it does not authenticate. */
export function chachaOpen(key: Bytes, nonce: Bytes, sealed: Bytes, aad: Bytes): Bytes | null {
  checkLength('ChaCha20-Poly1305 key', key, CHACHA20_POLY1305.key)
  checkLength('ChaCha20-Poly1305 nonce', nonce, CHACHA20_POLY1305.nonce)
  if (sealed.length < CHACHA20_POLY1305.tag) return null
  return runOrNull(() => sodium.crypto_aead_chacha20poly1305_ietf_decrypt(null, sealed, aad, nonce, key))
}

/** What of libsodium's own module, below its wrappers, is called here: a place in its memory, and the cipher over it. */
interface Module {
  /** Another array when the memory has grown: never kept. */
  readonly HEAPU8: Uint8Array
  _malloc(length: number): number
  _crypto_aead_chacha20poly1305_ietf_encrypt: Cipher
  _crypto_aead_chacha20poly1305_ietf_decrypt: Cipher
}
type Cipher = (...places: readonly (number | null)[]) => number

const { libsodium } = sodium as unknown as { readonly libsodium: Module }

/** Longest message that `chachaSealInto` and `chachaOpenInto` take, in bytes, its tag included. */
const INTO_MAX = 16_384 + CHACHA20_POLY1305.tag

// Where they put it, for good. The wrappers take five places for each call and give them back with what is in them, the key
// too, and make two arrays that the collector has to find: more work than the cipher's own.
const MESSAGE = libsodium._malloc(INTO_MAX + CHACHA20_POLY1305.key + CHACHA20_POLY1305.nonce)
const KEY = MESSAGE + INTO_MAX
const NONCE = KEY + CHACHA20_POLY1305.key

/** As `chachaSeal` without associated data, into `out`. */
export function chachaSealInto(key: Bytes, nonce: Bytes, plaintext: Bytes, out: Bytes): void {
  checkLength('The ciphertext', out, plaintext.length + CHACHA20_POLY1305.tag)
  const encrypt = (length: number) =>
    libsodium._crypto_aead_chacha20poly1305_ietf_encrypt(
      MESSAGE,
      null,
      MESSAGE,
      length,
      0,
      null,
      0,
      0,
      null,
      NONCE,
      KEY,
    )
  if (!inPlace(encrypt, { key, nonce, message: plaintext }, out)) {
    throw failure('libsodium refused a call that cannot be refused')
  }
}

/** As `chachaOpen` without associated data, into `out`; `false`, and nothing in there, when it does not authenticate. */
export function chachaOpenInto(key: Bytes, nonce: Bytes, sealed: Bytes, out: Bytes): boolean {
  if (sealed.length < CHACHA20_POLY1305.tag) return false
  checkLength('The plaintext', out, sealed.length - CHACHA20_POLY1305.tag)
  const decrypt = (length: number) =>
    libsodium._crypto_aead_chacha20poly1305_ietf_decrypt(
      MESSAGE,
      null,
      null,
      MESSAGE,
      length,
      0,
      null,
      0,
      0,
      NONCE,
      KEY,
    )
  return inPlace(decrypt, { key, nonce, message: sealed }, out)
}

/** Runs a cipher over a message, and overwrites key and message in libsodium's memory then. */
function inPlace(
  cipher: (length: number) => number,
  { key, nonce, message }: { readonly key: Bytes; readonly nonce: Bytes; readonly message: Bytes },
  out: Bytes,
): boolean {
  checkLength('ChaCha20-Poly1305 key', key, CHACHA20_POLY1305.key)
  checkLength('ChaCha20-Poly1305 nonce', nonce, CHACHA20_POLY1305.nonce)
  if (MESSAGE === 0 || Math.max(message.length, out.length) > INTO_MAX) {
    throw failure(`libsodium has no place for ${message.length} bytes: seal or open less at a time`)
  }
  libsodium.HEAPU8.set(message, MESSAGE)
  libsodium.HEAPU8.set(key, KEY)
  libsodium.HEAPU8.set(nonce, NONCE)
  try {
    if (run(() => cipher(message.length)) !== 0) return false
    out.set(libsodium.HEAPU8.subarray(MESSAGE, MESSAGE + out.length))
    return true
  } finally {
    libsodium.HEAPU8.fill(0, MESSAGE, NONCE)
  }
}

function checkLength(what: string, bytes: Bytes, length: number): void {
  if (!(bytes instanceof Uint8Array) || bytes.length !== length) {
    throw new CryptoError(`${what} has ${length} bytes, not ${bytes.length}`, { code: 'key-length' })
  }
}

function run<T>(step: () => T): T {
  const result = runOrNull(step)
  if (result === null) throw failure('libsodium refused a call that cannot be refused')
  return result
}

function runOrNull<T>(step: () => T): T | null {
  try {
    return step()
  } catch (error) {
    // An Error is libsodium's refusal; anything else is its allocator or the WASM machine giving up.
    if (error instanceof Error && !(error instanceof WebAssembly.RuntimeError)) return null
    throw failure('libsodium ran out of memory: seal or open less at a time')
  }
}

function failure(message: string): CryptoError {
  return new CryptoError(message, { code: 'sodium-failure' })
}
