import { type Bytes, concat, randomBytes, wipe } from './bytes.ts'
import { CryptoError } from './errors.ts'
import {
  CHUNK_LENGTH,
  type ChunksKey,
  COMMITMENT,
  HEADER_LENGTH,
  MessageCipher,
  SALT,
  SEALED,
  TAG,
} from './message-cipher.ts'
import { type LendingOptions, Pending, pieces, type Source, type StreamOptions } from './pieces.ts'

export { CHUNK_LENGTH, type ChunksKey, HEADER_LENGTH } from './message-cipher.ts'

// Bodies and manifests: C2SP chunked-encryption, instantiated with SHA-512 and ChaCha20-Poly1305. What it adds to a plain
// stream of sealed chunks: the key is committed to in the header, the last chunk is always short, so an end cannot be
// made up, and any chunk opens alone. Layout: salt (24) ‖ commitment (32) ‖ chunks, each up to 16 KiB and a tag of 16.
//
// Derived keys are wiped when a message ends, fails, or is left before its end.

/** Chunks read at once for a range: 1 MiB. */
const RANGE_CHUNKS = 64

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
   * Takes plaintext, gives the chunks that are full. Keeps parts of `plaintext` uncopied: it must not change after.
   */
  *update(plaintext: Bytes): Generator<Bytes, void, undefined> {
    this.#pending.push(plaintext)
    while (this.#pending.length >= CHUNK_LENGTH) {
      yield this.#cipher.seal(this.#index++, this.#pending.take(CHUNK_LENGTH))
    }
  }

  /** The last chunk, short and maybe empty. Once, at the end: the key is wiped with it. */
  final(): Bytes {
    const last = this.#cipher.seal(this.#index, this.#pending.take(this.#pending.length))
    this.wipe()
    return last
  }

  /** Overwrites the derived key, when the message is given up before its end. */
  wipe(): void {
    this.#cipher.wipe()
  }

  /** The same, for `using`. */
  [Symbol.dispose](): void {
    this.wipe()
  }
}

/** What an opener may know besides the key. */
export interface OpenOptions {
  /** Of the whole ciphertext in bytes, from whoever signed it: then a message cut short is told from one continued. */
  readonly length?: number
}

/** Opens a message piece by piece; nothing is given out before its chunk is authenticated. */
export class ChunkOpener {
  readonly #key: ChunksKey
  readonly #length: number | null
  readonly #pending = new Pending()
  #cipher: MessageCipher | null = null
  #index = 0
  #taken = 0

  /** Throws `CryptoError` `chunks-truncated` for a `length` at which no message can end. */
  constructor(key: ChunksKey, { length }: OpenOptions = {}) {
    if (length !== undefined) plaintextLength(length)
    this.#key = key
    this.#length = length ?? null
  }

  /**
   * Takes ciphertext, gives the plaintext of full chunks. Throws as `openChunks`; after that the opener must not be used
   * again, and what was given out is a prefix, not the message.
   */
  *update(ciphertext: Bytes): Generator<Bytes, void, undefined> {
    this.#taken += ciphertext.length
    if (this.#length !== null && this.#taken > this.#length) {
      this.wipe()
      throw new CryptoError('The ciphertext goes on after the end that was signed', { code: 'chunks-extended' })
    }
    this.#pending.push(ciphertext)
    if (this.#cipher === null) {
      if (this.#pending.length < HEADER_LENGTH) return
      this.#cipher = MessageCipher.forHeader(this.#key, this.#pending.take(HEADER_LENGTH))
    }
    while (this.#pending.length >= SEALED) yield this.#open(this.#cipher, this.#pending.take(SEALED))
  }

  /** The end: only after this is the message whole, and the key is wiped. Throws as `openChunks`. */
  final(): Bytes {
    const isShort = this.#length !== null && this.#taken < this.#length
    if (this.#cipher === null || this.#pending.length < TAG || isShort) {
      this.wipe()
      throw truncated()
    }
    const last = this.#open(this.#cipher, this.#pending.take(this.#pending.length))
    this.wipe()
    return last
  }

  #open(cipher: MessageCipher, sealed: Bytes): Bytes {
    try {
      return cipher.open(this.#index++, sealed, { isLengthKnown: this.#length !== null })
    } catch (error) {
      this.wipe()
      throw error
    }
  }

  /** Overwrites the derived key, when the message is given up before its end. */
  wipe(): void {
    this.#cipher?.wipe()
  }

  /** The same, for `using`. */
  [Symbol.dispose](): void {
    this.wipe()
  }
}

/**
 * Seals a stream: header first, then a piece per chunk, as they are asked for. The pieces of `source` must not be changed
 * by it later. Rejects with the signal's reason when it is given up.
 */
export async function* sealChunks(
  key: ChunksKey,
  source: Source,
  options: StreamOptions = {},
): AsyncGenerator<Bytes, void, undefined> {
  using sealer = new ChunkSealer(key)
  yield sealer.header
  for await (const piece of pieces(source, options)) for (const sealed of sealer.update(piece)) yield sealed
  yield sealer.final()
}

/**
 * Opens a stream. What comes out is authentic chunk by chunk; that it is whole is known only when the stream ends without
 * throwing. Throws `CryptoError`:
 * `chunks-commitment` (key, context or header: the commitment is to all three, they cannot be told apart),
 * `chunks-forged` (a chunk altered, or anything put after the end),
 * `chunks-reordered` (a chunk that belongs later: moved, or one before it left out),
 * `chunks-repeated` (a chunk that was there already),
 * `chunks-end` (the last chunk cut short, continued or altered),
 * `chunks-truncated` (ends where no message can, or before `length`),
 * `chunks-extended` (goes on after `length`), `key-length`. Rejects with the signal's reason when it is given up.
 */
export async function* openChunks(
  key: ChunksKey,
  source: Source,
  options: OpenOptions & LendingOptions = {},
): AsyncGenerator<Bytes, void, undefined> {
  using opener = new ChunkOpener(key, options)
  for await (const piece of pieces(source, options)) {
    for (const opened of opener.update(piece)) yield* given(opened, options)
  }
  yield* given(opener.final(), options)
}

/** Gives a piece out, and overwrites it when it was lent: when the next is asked for, or nobody asks for more. */
function* given(opened: Bytes, { areLent }: LendingOptions, part = opened): Generator<Bytes, void, undefined> {
  try {
    yield part
  } finally {
    if (areLent) wipe(opened)
  }
}

/** Seals a small message whole. */
export function sealAll(key: ChunksKey, plaintext: Bytes): Bytes {
  using sealer = new ChunkSealer(key)
  return concat(sealer.header, ...sealer.update(plaintext), sealer.final())
}

/** Opens a small message whole. Throws as `openChunks`, and gives nothing out unless all of it is good. */
export function openAll(key: ChunksKey, ciphertext: Bytes, options: OpenOptions = {}): Bytes {
  using opener = new ChunkOpener(key, options)
  const opened: Bytes[] = []
  try {
    for (const chunk of opener.update(ciphertext)) opened.push(chunk)
    opened.push(opener.final())
    return concat(...opened)
  } finally {
    for (const chunk of opened) wipe(chunk) // joined, or not to be had
  }
}

/** A range of plaintext: bytes `start` to `end`, which is not included. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/**
 * Opens a range alone, reading no more than the header and the chunks that it lies in. Authentic, and at the right place;
 * that the message ends at `ciphertext.length` is proved when `end` is the end or lies in the last chunk, else it is the
 * word of whoever gave the length. Throws as `openChunks`, and `CryptoError` `range-outside`.
 */
export async function openRange(key: ChunksKey, ciphertext: ChunksCiphertext, range: ByteRange): Promise<Bytes> {
  const opened = new Uint8Array(range.end >= range.start ? Math.min(range.end - range.start, ciphertext.length) : 0)
  let filled = 0
  for await (const chunk of openRangeChunks(key, ciphertext, range, { areLent: true })) {
    opened.set(chunk, filled)
    filled += chunk.length
  }
  return opened
}

/** The same as a stream, for ranges that are not held in memory: some chunks are read at a time, as they are asked for. */
export async function* openRangeChunks(
  key: ChunksKey,
  ciphertext: ChunksCiphertext,
  { start, end }: ByteRange,
  options: LendingOptions = {},
): AsyncGenerator<Bytes, void, undefined> {
  const length = plaintextLength(ciphertext.length)
  if (!(Number.isInteger(start) && Number.isInteger(end) && 0 <= start && start <= end && end <= length)) {
    throw new CryptoError(`A range lies within 0..${length}`, { code: 'range-outside' })
  }
  using cipher = MessageCipher.forHeader(key, await readExactly(ciphertext, 0, HEADER_LENGTH))
  const first = Math.floor(start / CHUNK_LENGTH)
  // Whoever reads up to the end also opens the last chunk, even an empty one: that is what proves the end.
  const last = end === length ? Math.floor(length / CHUNK_LENGTH) : Math.max(first, Math.ceil(end / CHUNK_LENGTH) - 1)
  for (let group = first; group <= last; group += RANGE_CHUNKS) {
    options.signal?.throwIfAborted()
    const from = HEADER_LENGTH + group * SEALED
    const to = HEADER_LENGTH + (Math.min(last, group + RANGE_CHUNKS - 1) + 1) * SEALED
    const sealed = await readExactly(ciphertext, from, Math.min(to, ciphertext.length) - from)
    for (let index = group; index <= last && index < group + RANGE_CHUNKS; index++) {
      const at = (index - group) * SEALED
      const chunk = cipher.open(index, sealed.subarray(at, at + SEALED))
      const begin = index * CHUNK_LENGTH
      yield* given(chunk, options, chunk.subarray(Math.max(0, start - begin), Math.max(0, end - begin)))
    }
  }
}

async function readExactly(ciphertext: ChunksCiphertext, offset: number, length: number): Promise<Bytes> {
  const bytes = await ciphertext.read(offset, length)
  if (bytes.length !== length) throw truncated()
  return bytes
}

function truncated(): CryptoError {
  return new CryptoError('The ciphertext ends where no message can end: fetch it again', { code: 'chunks-truncated' })
}
