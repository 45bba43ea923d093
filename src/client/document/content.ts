/** A content on its way into a body: exactly as many bytes as its manifest says, then padding. */
import type { Bytes } from '../../crypto/bytes.ts'
import { pieces, type Source } from '../../crypto/pieces.ts'
import { InputError } from '../errors.ts'

/** A content that is read straight into memory of whoever seals it: a file's. Spares a copy of all of it. */
export interface ReadableContent {
  /** How many of the next bytes were written to `memory`, from its beginning; 0 at the end. */
  readInto(memory: Bytes): number
  close(): void
}

/** Where a content comes from; its pieces may be lent. */
export type Content = Source | ReadableContent

/** Reads a content once, from its beginning. */
export class ContentReader {
  readonly #size: number
  readonly #source: ReadableContent | Pieces
  #at = 0

  /** `size`: bytes of the content. */
  constructor(content: Content, size: number) {
    this.#size = size
    this.#source = 'readInto' in content ? content : new Pieces(content)
  }

  /** Fills `memory` with what follows, zeros after the content's end. Throws `InputError` `content-size`, and as the source. */
  async fill(memory: Bytes): Promise<void> {
    const wanted = Math.min(memory.length, this.#size - this.#at)
    for (let filled = 0; filled < wanted; ) {
      const into = memory.subarray(filled, wanted)
      const read = this.#source.readInto(into)
      const length = typeof read === 'number' ? read : await read
      if (length === 0) throw wrongSize(this.#size)
      filled += length
    }
    this.#at += wanted
    memory.fill(0, wanted)
  }

  /** Makes sure that there is no more. Throws `InputError` `content-size`. */
  async end(): Promise<void> {
    if ((await this.#source.readInto(new Uint8Array(1))) > 0) throw wrongSize(this.#size)
  }

  async close(): Promise<void> {
    await this.#source.close()
  }
}

/** Pieces of any size, read into memory of another. */
class Pieces {
  readonly #pieces: AsyncIterator<Bytes>
  #rest: Bytes = new Uint8Array(0)

  constructor(source: Source) {
    this.#pieces = pieces(source)[Symbol.asyncIterator]()
  }

  readInto(memory: Bytes): number | Promise<number> {
    return this.#rest.length === 0 ? this.#readNext(memory) : this.#take(memory)
  }

  async #readNext(memory: Bytes): Promise<number> {
    do {
      const { done, value } = await this.#pieces.next()
      if (done) return 0
      this.#rest = value
    } while (this.#rest.length === 0)
    return this.#take(memory)
  }

  #take(memory: Bytes): number {
    const part = this.#rest.subarray(0, memory.length)
    memory.set(part)
    this.#rest = this.#rest.subarray(part.length)
    return part.length
  }

  async close(): Promise<void> {
    await this.#pieces.return?.()
  }
}

function wrongSize(size: number): InputError {
  return new InputError(`The content is not the ${size} bytes it was said to be; did the file change while read?`, {
    code: 'content-size',
  })
}
