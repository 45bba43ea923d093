import { type Bytes, concat } from './bytes.ts'

// Bytes that come in pieces: from an array, a generator, a Node stream or a Web stream, one at a time and as they are asked
// for, so that what is slow at one end holds back the other.

/** Where bytes come from. Node's streams and Web streams are two of these. */
export type Source = AsyncIterable<Bytes> | Iterable<Bytes> | ReadableStream<Bytes>

/** How a stream is run. */
export interface StreamOptions {
  /** Gives the stream up: whoever reads it gets the signal's reason as error, the source is told, keys are wiped. */
  readonly signal?: AbortSignal
}

/** How opened pieces are given out. */
export interface LendingOptions extends StreamOptions {
  /**
   * Each piece holds until the next is asked for, or no more is: then it is overwritten. For whoever writes it down or
   * copies it at once. Otherwise pieces are the caller's to keep.
   */
  readonly areLent?: boolean
}

/**
 * The pieces of a source. The signal ends it at once, even while the source is silent; leaving it early ends the source
 * too. Throws the signal's reason, and what the source throws.
 */
export function pieces(source: Source, { signal }: StreamOptions = {}): AsyncIterable<Bytes> {
  const iterator = iteratorOf(source)
  return signal === undefined ? { [Symbol.asyncIterator]: () => iterator } : until(signal, iterator)
}

async function* until(
  signal: AbortSignal,
  iterator: AsyncIterator<Bytes, void, undefined>,
): AsyncGenerator<Bytes, void, undefined> {
  const aborted = Promise.withResolvers<never>()
  aborted.promise.catch(() => undefined) // it is looked at while a piece is awaited, and may come in between
  const onAbort = () => aborted.reject(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  let isOver = false
  try {
    for (;;) {
      signal.throwIfAborted()
      const next = await Promise.race([aborted.promise, iterator.next()])
      isOver = next.done === true
      if (next.done) return
      yield next.value
    }
  } finally {
    signal.removeEventListener('abort', onAbort)
    // Told, not waited for: a source that is silent may never answer.
    if (!isOver) void Promise.resolve(iterator.return?.()).catch(() => undefined)
  }
}

function iteratorOf(source: Source): AsyncIterator<Bytes, void, undefined> {
  if (Symbol.asyncIterator in source) return source[Symbol.asyncIterator]()
  if (source instanceof ReadableStream) return readerIterator(source) // browsers whose streams do not iterate
  return syncIterator(source[Symbol.iterator]())
}

function readerIterator(stream: ReadableStream<Bytes>): AsyncIterator<Bytes, void, undefined> {
  const reader = stream.getReader()
  return {
    async next() {
      const { done, value } = await reader.read()
      return done ? { done, value: undefined } : { done, value }
    },
    async return() {
      await reader.cancel()
      return { done: true, value: undefined }
    },
  }
}

function syncIterator(iterator: Iterator<Bytes>): AsyncIterator<Bytes, void, undefined> {
  return {
    async next() {
      const { done, value } = iterator.next()
      return done ? { done, value: undefined } : { done: false, value }
    },
    async return() {
      iterator.return?.()
      return { done: true, value: undefined }
    },
  }
}

/** Pieces of any size in, pieces of another size out. */
export class Pending {
  #pieces: Bytes[] = []
  length = 0

  push(piece: Bytes): void {
    if (piece.length === 0) return
    this.#pieces.push(piece)
    this.length += piece.length
  }

  /** Exactly `length` bytes, of those there are; without copying when they lie in one piece. */
  take(length: number): Bytes {
    const first = this.#pieces[0] ?? new Uint8Array(0)
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
