import { chacha20Poly1305 } from './aead.ts'
import { type Bytes, concat, randomBytes, wiping } from './bytes.ts'
import { CryptoError } from './errors.ts'
import { hkdfSha256 } from './hash.ts'

// A box: bytes under a symmetric key that is random (never a password), as `age` wraps file keys (C2SP age.md): a fresh
// key per box by HKDF from a random salt, so that the fixed nonce is used once and one key can close any number of boxes.

const SALT = 32
const NONCE: Bytes = new Uint8Array(12)

/** Bytes that a box adds to what it holds: salt and tag. */
export const BOX_OVERHEAD = SALT + 16

/**
 * Closes a box. `key`: 16 or 32 random bytes; `info` names the kind and every id the box is bound to (`lp`). Gives
 * `salt (32) ‖ ciphertext ‖ tag (16)`. Throws `CryptoError` `key-length`.
 */
export function box(key: Bytes, info: Bytes, plaintext: Bytes): Bytes {
  return boxWithSalt(key, info, plaintext, randomBytes(SALT))
}

/**
 * `box` with a salt that is given (32 bytes): to make test vectors and for nothing else, since a salt used twice is a
 * nonce used twice. `test/house/drawn.test.ts` sees that nothing in `src` calls it. Throws as `box`.
 */
export function boxWithSalt(key: Bytes, info: Bytes, plaintext: Bytes, salt: Bytes): Bytes {
  const boxKey = deriveBoxKey(key, salt, info)
  const sealed = wiping(boxKey, key => chacha20Poly1305.seal(key, NONCE, plaintext, info))
  return concat(salt, sealed)
}

/** Opens a box. Throws `CryptoError` `box-open` (another key, another `info`, or altered) or `key-length`. */
export function unbox(key: Bytes, info: Bytes, boxed: Bytes): Bytes {
  const boxKey = deriveBoxKey(key, boxed.subarray(0, SALT), info)
  const plaintext = wiping(boxKey, key =>
    boxed.length < BOX_OVERHEAD ? null : chacha20Poly1305.open(key, NONCE, boxed.subarray(SALT), info),
  )
  if (plaintext === null) {
    throw new CryptoError('This box does not open: closed under another key or for another purpose, or altered', {
      code: 'box-open',
    })
  }
  return plaintext
}

function deriveBoxKey(key: Bytes, salt: Bytes, info: Bytes): Bytes {
  if (key.length !== 16 && key.length !== 32) {
    throw new CryptoError(`A box takes a key of 16 or 32 random bytes, not ${key.length}`, { code: 'key-length' })
  }
  return hkdfSha256({ ikm: key, salt, info, length: 32 })
}
