import { type Bytes, randomBytes, wipe } from './bytes.ts'
import { ciphertextLength, plaintextLength } from './chunks.ts'
import { CHUNK_LENGTH, type ChunksKey, HEADER_LENGTH, MessageCipher, SALT, SEALED, TAG } from './message-cipher.ts'

// A message of chunked encryption (`chunks.ts`) by spans: ranges of its ciphertext, each sealed or opened alone, into memory
// of the caller's, so that blocks can be shared out among threads.
//
// It opens what is sealed: nothing the host runs may import this file.

/** Bytes `from` to `to` of a message's ciphertext, `to` not included. */
export interface Span {
  readonly from: number
  readonly to: number
}

/** The chunks that a span has a part of, both included. */
export interface ChunkRun {
  readonly first: number
  readonly last: number
}

/** `wholly`: those alone that lie in it from end to end; none when `last` is below `first`. */
export function chunksIn({ from, to }: Span, length: number, { wholly = false } = {}): ChunkRun {
  const begin = Math.max(0, from - HEADER_LENGTH)
  const end = Math.max(0, to - HEADER_LENGTH)
  if (!wholly) return { first: Math.floor(begin / SEALED), last: Math.ceil(end / SEALED) - 1 }
  return { first: Math.ceil(begin / SEALED), last: (to === length ? Math.ceil : Math.floor)(end / SEALED) - 1 }
}

/** Where chunk `index` of a message lies in its ciphertext. */
export function spanOf(index: number, length: number): Span {
  const from = HEADER_LENGTH + index * SEALED
  return { from, to: Math.min(from + SEALED, length) }
}

/** Which plaintext is needed to seal a span: that of all chunks it has a part of. `end` is not included. */
export function plaintextOf(span: Span, length: number): { readonly start: number; readonly end: number } {
  const { first, last } = chunksIn(span, length)
  return { start: first * CHUNK_LENGTH, end: Math.min((last + 1) * CHUNK_LENGTH, plaintextLength(length)) }
}

/** What a message is sealed under and how many bytes of plaintext it has. */
export interface MessageToSeal extends ChunksKey {
  readonly plaintextLength: number
}

/** Seals a message span by span. */
export class SpanSealer {
  readonly #cipher: MessageCipher
  /** Bytes of ciphertext in all. */
  readonly length: number
  /** The chunk last sealed of which a span took a part: the next span begins with the rest of it. */
  readonly #edge = { index: -1, sealed: new Uint8Array(SEALED) }

  private constructor(message: MessageToSeal, salt: Bytes) {
    this.#cipher = new MessageCipher(message, salt)
    this.length = ciphertextLength(message.plaintextLength)
  }

  /** A new message, with a salt of its own. */
  static begin(message: MessageToSeal): SpanSealer {
    return new SpanSealer(message, randomBytes(SALT))
  }

  /**
   * The same message on another thread. A chunk that lies in two spans may be sealed on both: its plaintext MUST be the
   * same bytes both times, or its nonce serves twice.
   */
  static joining(message: MessageToSeal, header: Bytes): SpanSealer {
    return new SpanSealer(message, header.slice(0, SALT))
  }

  /** The first 56 bytes of the ciphertext, the header. */
  get header(): Bytes {
    return this.#cipher.header.slice()
  }

  /** Seals `plaintext`, which is that of `plaintextOf`, and writes the span's bytes to `out`, which has its length. */
  seal({ from, to }: Span, plaintext: Bytes, out: Bytes): void {
    if (from < HEADER_LENGTH) out.set(this.#cipher.header.subarray(from, to))
    const { first, last } = chunksIn({ from, to }, this.length)
    for (let index = first; index <= last; index++) {
      const chunk = plaintext.subarray((index - first) * CHUNK_LENGTH, (index - first + 1) * CHUNK_LENGTH)
      const at = spanOf(index, this.length)
      if (from <= at.from && at.to <= to) {
        this.#cipher.sealInto(index, chunk, out.subarray(at.from - from, at.to - from))
      } else {
        const sealed = this.#sealEdge(index, chunk).subarray(Math.max(0, from - at.from), to - at.from)
        out.set(sealed, Math.max(0, at.from - from))
      }
    }
  }

  #sealEdge(index: number, chunk: Bytes): Bytes {
    const sealed = this.#edge.sealed.subarray(0, chunk.length + TAG)
    if (this.#edge.index !== index) this.#cipher.sealInto(index, chunk, sealed)
    this.#edge.index = index
    return sealed
  }

  /** Overwrites the derived key. */
  wipe(): void {
    this.#cipher.wipe()
  }

  /** The same, for `using`. */
  [Symbol.dispose](): void {
    this.wipe()
  }
}

/** Opens a message of known length span by span. Its errors are those of `openChunks`. */
export class SpanOpener {
  readonly #cipher: MessageCipher
  /** Bytes of ciphertext in all. */
  readonly length: number

  /** `length`: of the whole ciphertext, as it was signed. Throws `CryptoError` `chunks-commitment`. */
  constructor(key: ChunksKey, header: Bytes, length: number) {
    this.#cipher = MessageCipher.forHeader(key, header)
    this.length = length
  }

  /**
   * Opens the chunks that lie wholly in a span, into `out`, and gives what of it they fill. A chunk that lies in two spans
   * is joined by the caller and opened as a span of its own.
   */
  open(span: Span, ciphertext: Bytes, out: Bytes): Bytes {
    const { first, last } = chunksIn(span, this.length, { wholly: true })
    let filled = 0
    try {
      for (let index = first; index <= last; index++) {
        const { from, to } = spanOf(index, this.length)
        const sealed = ciphertext.subarray(from - span.from, to - span.from)
        const length = sealed.length - TAG
        this.#cipher.openInto(index, sealed, out.subarray(filled, filled + length))
        filled += length
      }
    } catch (error) {
      wipe(out) // nobody gets to see the part before the one that failed
      throw error
    }
    return out.subarray(0, filled)
  }

  /** Overwrites the derived key. */
  wipe(): void {
    this.#cipher.wipe()
  }

  /** The same, for `using`. */
  [Symbol.dispose](): void {
    this.wipe()
  }
}
