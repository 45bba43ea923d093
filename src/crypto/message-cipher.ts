import { type Aead, chacha20Poly1305 } from './aead.ts'
import { type Bytes, concat, equal, utf8, wipe } from './bytes.ts'
import { CryptoError } from './errors.ts'
import { hkdfExpandSha512 } from './hash.ts'

// One message of C2SP chunked-encryption: its derived key and the nonce of each chunk. `chunks.ts` is what others import.
//
// It opens what is sealed: nothing the host runs may import this file.

/** Plaintext bytes of every chunk but the last, which has fewer (none if need be). */
export const CHUNK_LENGTH = 16_384
/** Bytes of the header: salt and commitment. */
export const HEADER_LENGTH = 56

/** In bytes. */
export const SALT = 24
/** In bytes. */
export const COMMITMENT = 32
/** In bytes. */
export const TAG = 16
/** Bytes of a full chunk as sealed. */
export const SEALED = CHUNK_LENGTH + TAG
const EMPTY: Bytes = new Uint8Array(0)
/** More chunks than this, and counters would run into the fixed part of the nonce (§Message chunking). */
const CHUNKS_MAX = 2 ** 38
/** How far away a chunk that does not open is looked for, in chunks. */
const NEIGHBOURS = 64

/** What a message is sealed under; the same to open it. */
export interface ChunksKey {
  /** As long as the cipher's key, 32 bytes; uniformly random, or derived from such a key. */
  readonly key: Bytes
  /** Label and ids that the message is bound to (`lp`). */
  readonly context: Bytes
  /** ChaCha20-Poly1305 unless given; another only to check published vectors. */
  readonly aead?: Aead
}

/** The cipher of one message: its derived key, and the nonce of each chunk. */
export class MessageCipher {
  readonly header: Bytes
  readonly #aead: Aead
  readonly #key: Bytes
  readonly #baseNonce: Bytes
  #isWiped = false

  constructor({ key, context, aead = chacha20Poly1305 }: ChunksKey, salt: Bytes) {
    if (key.length !== aead.keyLength) {
      throw new CryptoError(`A message key has ${aead.keyLength} bytes, not ${key.length}`, { code: 'key-length' })
    }
    const { keyLength } = aead
    const info = concat(utf8(`c2sp.org/chunked-encryption@v1+${aead.name}`), Uint8Array.of(0), salt, context)
    const okm = hkdfExpandSha512({ prk: key, info, length: keyLength + 12 + COMMITMENT })
    this.#aead = aead
    this.#key = okm.slice(0, keyLength)
    this.#baseNonce = okm.slice(keyLength, keyLength + 12)
    this.header = concat(salt, okm.subarray(keyLength + 12))
    wipe(okm)
  }

  /** The cipher for a header that was read. Throws `chunks-commitment` unless the key is the one committed to. */
  static forHeader(key: ChunksKey, header: Bytes): MessageCipher {
    const cipher = new MessageCipher(key, header.slice(0, SALT))
    if (!equal(cipher.header, header)) {
      cipher.wipe()
      throw new CryptoError('Another key, another context, or an altered header: nothing of this was opened', {
        code: 'chunks-commitment',
      })
    }
    return cipher
  }

  seal(index: number, plaintext: Bytes): Bytes {
    this.#requireKey()
    return this.#aead.seal(this.#key, this.#nonce(index), plaintext, EMPTY)
  }

  /** As `seal`, into `out`, which has the length of the ciphertext. */
  sealInto(index: number, plaintext: Bytes, out: Bytes): void {
    this.#requireKey()
    const nonce = this.#nonce(index)
    if (this.#aead.sealInto === undefined) out.set(this.#aead.seal(this.#key, nonce, plaintext, EMPTY))
    else this.#aead.sealInto(this.#key, nonce, plaintext, out)
  }

  /** `isLengthKnown`: whether the message's length was signed, so that a short chunk stands where one must. */
  open(index: number, sealed: Bytes, { isLengthKnown = false } = {}): Bytes {
    this.#requireKey()
    const plaintext = this.#tryOpen(index, sealed)
    if (plaintext !== null) return plaintext
    throw this.#refusal(index, sealed, isLengthKnown)
  }

  /** As `open` of a message whose length was signed, into `out`, which has the length of the plaintext. */
  openInto(index: number, sealed: Bytes, out: Bytes): void {
    this.#requireKey()
    if (!this.#tryOpenInto(index, sealed, out)) throw this.#refusal(index, sealed, true)
  }

  #tryOpenInto(index: number, sealed: Bytes, out: Bytes): boolean {
    if (this.#aead.openInto !== undefined) return this.#aead.openInto(this.#key, this.#nonce(index), sealed, out)
    const plaintext = this.#tryOpen(index, sealed)
    if (plaintext === null) return false
    out.set(plaintext)
    wipe(plaintext)
    return true
  }

  #tryOpen(index: number, sealed: Bytes): Bytes | null {
    return this.#aead.open(this.#key, this.#nonce(index), sealed, EMPTY)
  }

  /**
   * Why a chunk did not open, as far as it can be told: whether it is one of this very message, from elsewhere in it. That
   * is looked for among `NEIGHBOURS` either way; what opens there is wiped, never given out.
   */
  #refusal(index: number, sealed: Bytes, isLengthKnown: boolean): CryptoError {
    for (let distance = 1; distance <= NEIGHBOURS; distance++) {
      for (const other of [index + distance, index - distance]) {
        const plaintext = other < 0 || other >= CHUNKS_MAX ? null : this.#tryOpen(other, sealed)
        if (plaintext === null) continue
        wipe(plaintext)
        return other > index
          ? new CryptoError(`Chunk ${other} stands where ${index} belongs: the order was changed, or a part left out`, {
              code: 'chunks-reordered',
            })
          : new CryptoError(`Chunk ${other} stands again where ${index} belongs`, { code: 'chunks-repeated' })
      }
    }
    return sealed.length < SEALED && !isLengthKnown
      ? new CryptoError(`The last chunk (${index}) is not the one written: cut short, continued or altered`, {
          code: 'chunks-end',
        })
      : new CryptoError(`Chunk ${index} is not the one written: altered, or of another message`, {
          code: 'chunks-forged',
        })
  }

  /** Overwrites the derived key; the cipher cannot be used any more. */
  wipe(): void {
    wipe(this.#key)
    wipe(this.#baseNonce)
    this.#isWiped = true
  }

  /** A wiped key is one that everybody knows: nothing is ever sealed under it. */
  #requireKey(): void {
    if (this.#isWiped) throw new CryptoError('This message has ended: start another', { code: 'key-wiped' })
  }

  /** The same, for `using`. */
  [Symbol.dispose](): void {
    this.wipe()
  }

  /** Base nonce with the chunk's number XORed into its end, big-endian (§AEAD usage). */
  #nonce(index: number): Bytes {
    if (index >= CHUNKS_MAX) throw new CryptoError('A message has at most 2^38 chunks', { code: 'chunks-too-long' })
    const nonce = this.#baseNonce.slice()
    for (let at = nonce.length - 1, left = index; left > 0; at--, left = Math.floor(left / 256)) {
      nonce[at] = (nonce[at] as number) ^ (left % 256)
    }
    return nonce
  }
}
