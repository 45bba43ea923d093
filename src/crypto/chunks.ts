import { type Aead, chacha20Poly1305 } from './aead.ts'
import { type Bytes, concat, equal, randomBytes, utf8, wipe } from './bytes.ts'
import { CryptoError } from './errors.ts'
import { hkdfExpandSha512 } from './hash.ts'

// Bodies and manifests: C2SP chunked-encryption, instantiated with SHA-512 and ChaCha20-Poly1305. What it adds to a plain
// stream of sealed chunks: the key is committed to in the header, the last chunk is always short, so an end cannot be
// made up, and any chunk opens alone. Layout: salt (24) ‖ commitment (32) ‖ chunks, each up to 16 KiB and a tag of 16.

/** Plaintext bytes of every chunk but the last, which has fewer (none if need be). */
export const CHUNK_LENGTH = 16_384
/** Bytes of the header: salt and commitment. */
export const HEADER_LENGTH = 56

const SALT = 24
const COMMITMENT = 32
const TAG = 16
const SEALED = CHUNK_LENGTH + TAG
const EMPTY: Bytes = new Uint8Array(0)
/** More chunks than this, and counters would run into the fixed part of the nonce (§Message chunking). */
const MAX_CHUNKS = 2 ** 38

/** What a message is sealed under; the same to open it. */
export interface ChunksKey {
  /** As long as the cipher's key, 32 bytes; uniformly random, or derived from such a key. */
  readonly key: Bytes
  /** Label and ids that the message is bound to (`lp`). */
  readonly context: Bytes
  /** ChaCha20-Poly1305 unless given; another only to check published vectors. */
  readonly aead?: Aead
}

/** Ciphertext whose ranges can be read: `read` gives exactly the bytes from `offset`, `length` of them. */
export interface ChunksCiphertext {
  /** Of the whole ciphertext, in bytes, from whoever signed it: an unsigned length proves nothing. */
  readonly length: number
  read(offset: number, length: number): Promise<Bytes>
}

/** Length of the ciphertext of so many bytes. */
export function ciphertextLength(plaintextLength: number): number {
  return HEADER_LENGTH + plaintextLength + TAG * (Math.floor(plaintextLength / CHUNK_LENGTH) + 1)
}

/** Length of the plaintext in so much ciphertext. Throws `CryptoError` `chunks-truncated` where no message can end. */
export function plaintextLength(length: number): number {
  const chunks = length - HEADER_LENGTH
  const last = chunks % SEALED
  if (chunks < 0 || last < TAG) throw truncated()
  return Math.floor(chunks / SEALED) * CHUNK_LENGTH + last - TAG
}

/** The key commitment in a message's header, which deposit statements sign. Throws `CryptoError` `chunks-truncated`. */
export function commitmentOf(header: Bytes): Bytes {
  if (header.length < HEADER_LENGTH) throw truncated()
  return header.slice(SALT, SALT + COMMITMENT)
}

/** The cipher of one message: its derived key, and the nonce of each chunk. */
class MessageCipher {
  readonly header: Bytes
  readonly #aead: Aead
  readonly #key: Bytes
  readonly #baseNonce: Bytes

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
    const cipher = new MessageCipher(key, header.subarray(0, SALT))
    if (!equal(cipher.header, header)) {
      throw new CryptoError('Another key, another context, or an altered header: nothing of this was opened', {
        code: 'chunks-commitment',
      })
    }
    return cipher
  }

  seal(index: number, plaintext: Bytes): Bytes {
    return this.#aead.seal(this.#key, this.#nonce(index), plaintext, EMPTY)
  }

  /** As `seal`, in pieces as the engine gives them. */
  sealApart(index: number, plaintext: Bytes): readonly Bytes[] {
    const nonce = this.#nonce(index)
    return this.#aead.sealApart?.(this.#key, nonce, plaintext) ?? [this.#aead.seal(this.#key, nonce, plaintext, EMPTY)]
  }

  open(index: number, sealed: Bytes): Bytes {
    const plaintext = this.#aead.open(this.#key, this.#nonce(index), sealed, EMPTY)
    if (plaintext !== null) return plaintext
    throw sealed.length < SEALED
      ? new CryptoError(`The last chunk (${index}) is not the one written: cut short, continued or altered`, {
          code: 'chunks-end',
        })
      : new CryptoError(`Chunk ${index} is not the one written: altered, moved or repeated, or put after the end`, {
          code: 'chunks-forged',
        })
  }

  /** Base nonce with the chunk's number XORed into its end, big-endian (§AEAD usage). */
  #nonce(index: number): Bytes {
    if (index >= MAX_CHUNKS) throw new CryptoError('A message has at most 2^38 chunks', { code: 'chunks-too-long' })
    const nonce = this.#baseNonce.slice()
    for (let at = nonce.length - 1, left = index; left > 0; at--, left = Math.floor(left / 256)) {
      nonce[at] = (nonce[at] as number) ^ (left % 256)
    }
    return nonce
  }
}

/** Bytes that came in pieces, given out in pieces of another size. */
class Pending {
  #pieces: Bytes[] = []
  length = 0

  push(piece: Bytes): void {
    if (piece.length === 0) return
    this.#pieces.push(piece)
    this.length += piece.length
  }

  /** Exactly `length` bytes, of those there are; without copying when they lie in one piece. */
  take(length: number): Bytes {
    const first = this.#pieces[0] ?? EMPTY
    if (first.length > length) {
      this.#pieces[0] = first.subarray(length)
      this.length -= length
      return first.subarray(0, length)
    }
    const parts: Bytes[] = []
    for (let left = length; left > 0; ) {
      const piece = this.#pieces[0] as Bytes
      const part = piece.subarray(0, left)
      if (part.length === piece.length) this.#pieces.shift()
      else this.#pieces[0] = piece.subarray(left)
      parts.push(part)
      left -= part.length
    }
    this.length -= length
    return parts.length === 1 ? (parts[0] as Bytes) : concat(...parts)
  }
}

/** Seals a message piece by piece. */
export class ChunkSealer {
  readonly #cipher: MessageCipher
  readonly #pending = new Pending()
  #index = 0

  /** `salt` (24 bytes) only to reproduce published vectors; otherwise random, as it must be. */
  constructor(key: ChunksKey, { salt = randomBytes(SALT) }: { readonly salt?: Bytes } = {}) {
    this.#cipher = new MessageCipher(key, salt)
  }

  /** The first 56 bytes of the ciphertext. */
  get header(): Bytes {
    return this.#cipher.header.slice()
  }

  /**
   * Takes plaintext, gives the chunks that are full, each in pieces as the engine makes them. Keeps parts of `plaintext`
   * uncopied: it must not change after.
   */
  *update(plaintext: Bytes): Generator<Bytes, void, undefined> {
    this.#pending.push(plaintext)
    while (this.#pending.length >= CHUNK_LENGTH) {
      yield* this.#cipher.sealApart(this.#index++, this.#pending.take(CHUNK_LENGTH))
    }
  }

  /** The last chunk, short and maybe empty. Once, at the end. */
  final(): Bytes {
    return this.#cipher.seal(this.#index, this.#pending.take(this.#pending.length))
  }
}

/** Opens a message piece by piece; nothing is given out before its chunk is authenticated. */
export class ChunkOpener {
  readonly #key: ChunksKey
  readonly #pending = new Pending()
  #cipher: MessageCipher | null = null
  #index = 0

  constructor(key: ChunksKey) {
    this.#key = key
  }

  /**
   * Takes ciphertext, gives the plaintext of full chunks. Throws `CryptoError` `chunks-commitment`, `chunks-forged`,
   * `key-length`; after that the opener must not be used again, and what was given out is a prefix, not the message.
   */
  *update(ciphertext: Bytes): Generator<Bytes, void, undefined> {
    this.#pending.push(ciphertext)
    if (this.#cipher === null) {
      if (this.#pending.length < HEADER_LENGTH) return
      this.#cipher = MessageCipher.forHeader(this.#key, this.#pending.take(HEADER_LENGTH))
    }
    while (this.#pending.length >= SEALED) yield this.#cipher.open(this.#index++, this.#pending.take(SEALED))
  }

  /** The end: only after this is the message whole. Throws `CryptoError` `chunks-truncated` or `chunks-end`. */
  final(): Bytes {
    if (this.#cipher === null || this.#pending.length < TAG) throw truncated()
    return this.#cipher.open(this.#index, this.#pending.take(this.#pending.length))
  }
}

/** Seals a stream: header first, then whole chunks. The pieces of `source` must not be changed by it later. */
export async function* sealChunks(
  key: ChunksKey,
  source: AsyncIterable<Bytes> | Iterable<Bytes>,
): AsyncGenerator<Bytes, void, undefined> {
  const sealer = new ChunkSealer(key)
  yield sealer.header
  for await (const piece of source) for (const sealed of sealer.update(piece)) yield sealed
  yield sealer.final()
}

/**
 * Opens a stream. What comes out is authentic chunk by chunk; that it is whole is known only when the stream ends without
 * throwing. Throws `CryptoError` `chunks-commitment` (key, context or header), `chunks-forged` (a full chunk altered, moved
 * or repeated, or anything put after the end), `chunks-end` (the last chunk cut short, continued or altered),
 * `chunks-truncated` (ends where no message can), `key-length`.
 */
export async function* openChunks(
  key: ChunksKey,
  source: AsyncIterable<Bytes> | Iterable<Bytes>,
): AsyncGenerator<Bytes, void, undefined> {
  const opener = new ChunkOpener(key)
  for await (const piece of source) for (const opened of opener.update(piece)) yield opened
  yield opener.final()
}

/** Seals a small message whole. */
export function sealAll(key: ChunksKey, plaintext: Bytes): Bytes {
  const sealer = new ChunkSealer(key)
  return concat(sealer.header, ...sealer.update(plaintext), sealer.final())
}

/** Opens a small message whole. Throws as `openChunks`, and gives nothing out unless all of it is good. */
export function openAll(key: ChunksKey, ciphertext: Bytes): Bytes {
  const opener = new ChunkOpener(key)
  return concat(...opener.update(ciphertext), opener.final())
}

/**
 * Opens the plaintext bytes `start` to `end` (not included) alone, reading no more than the header and the chunks they lie
 * in. Authentic, and at the right place; that the message ends at `ciphertext.length` is proved when `end` is the end or
 * lies in the last chunk, else it is the word of whoever gave the length. Throws as `openChunks`, and `CryptoError`
 * `range-outside`.
 */
export async function openRange(
  key: ChunksKey,
  ciphertext: ChunksCiphertext,
  { start, end }: { readonly start: number; readonly end: number },
): Promise<Bytes> {
  const length = plaintextLength(ciphertext.length)
  if (!(Number.isInteger(start) && Number.isInteger(end) && 0 <= start && start <= end && end <= length)) {
    throw new CryptoError(`A range lies within 0..${length}`, { code: 'range-outside' })
  }
  const cipher = MessageCipher.forHeader(key, await readExactly(ciphertext, 0, HEADER_LENGTH))
  const first = Math.floor(start / CHUNK_LENGTH)
  // Whoever reads up to the end also opens the last chunk, even an empty one: that is what proves the end.
  const last = end === length ? Math.floor(length / CHUNK_LENGTH) : Math.max(first, Math.ceil(end / CHUNK_LENGTH) - 1)
  const from = HEADER_LENGTH + first * SEALED
  const to = Math.min(HEADER_LENGTH + (last + 1) * SEALED, ciphertext.length)
  const sealed = await readExactly(ciphertext, from, to - from)
  const opened: Bytes[] = []
  for (let index = first; index <= last; index++) {
    const at = (index - first) * SEALED
    opened.push(cipher.open(index, sealed.subarray(at, at + SEALED)))
  }
  return concat(...opened).slice(start - first * CHUNK_LENGTH, end - first * CHUNK_LENGTH)
}

async function readExactly(ciphertext: ChunksCiphertext, offset: number, length: number): Promise<Bytes> {
  const bytes = await ciphertext.read(offset, length)
  if (bytes.length !== length) throw truncated()
  return bytes
}

function truncated(): CryptoError {
  return new CryptoError('The ciphertext ends where no message can end: fetch it again', { code: 'chunks-truncated' })
}
