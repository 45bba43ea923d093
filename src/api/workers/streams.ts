/** Streams of octets over a message port, either way: whoever reads asks for each piece. */
import type { Bytes } from '../../crypto/bytes.ts'
import { type PieceMessage, receiveError, type StreamMark, sendError } from './channel.ts'

/** How a message leaves; `transfer` moves memory instead of copying it. */
export type Post = (message: PieceMessage, transfer?: ArrayBuffer[]) => void

interface Reading {
  resolve(result: IteratorResult<Bytes, undefined>): void
  reject(error: Error): void
}

/** One port's streams: those this side gives, and those it reads. */
export class Streams {
  readonly #post: Post
  readonly #given = new Map<number, AsyncIterator<Bytes>>()
  readonly #read = new Map<number, Reading | null>()
  #next: number

  /** `first`: 0 on one side of a port, 1 on the other, so that their numbers differ. */
  constructor(post: Post, first: 0 | 1) {
    this.#post = post
    this.#next = first
  }

  /** Gives a stream to the other side: what goes into the message in its place. */
  give(source: AsyncIterable<Bytes>): StreamMark {
    const stream = this.#next
    this.#next += 2
    this.#given.set(stream, source[Symbol.asyncIterator]())
    return { coffreStream: stream }
  }

  /** Lets go of a stream that nobody will read to its end. */
  async drop({ coffreStream: stream }: StreamMark): Promise<void> {
    const source = this.#given.get(stream)
    this.#given.delete(stream)
    await source?.return?.()
  }

  /** The stream behind a mark; to be read once. */
  take({ coffreStream: stream }: StreamMark): AsyncIterable<Bytes> {
    this.#read.set(stream, null)
    const next = () =>
      new Promise<IteratorResult<Bytes, undefined>>((resolve, reject) => {
        if (!this.#read.has(stream)) return resolve({ done: true, value: undefined })
        this.#read.set(stream, { resolve, reject })
        this.#post({ kind: 'more', stream })
      })
    const end = async () => {
      if (this.#read.delete(stream)) this.#post({ kind: 'enough', stream })
      return { done: true as const, value: undefined }
    }
    return { [Symbol.asyncIterator]: () => ({ next, return: end }) }
  }

  /** Takes in a message of the other side. */
  heard(message: PieceMessage): void {
    const { stream } = message
    if (message.kind === 'more') return void this.#sendPiece(stream)
    if (message.kind === 'enough') return void this.drop({ coffreStream: stream }).catch(() => {})
    const reading = this.#read.get(stream)
    if (message.kind === 'piece') {
      this.#read.set(stream, null)
      reading?.resolve({ done: false, value: message.bytes as Bytes })
      return
    }
    this.#read.delete(stream)
    if (message.error === undefined) reading?.resolve({ done: true, value: undefined })
    else reading?.reject(receiveError(message.error))
  }

  /** The other side is gone: whoever waits is told. */
  end(error: Error): void {
    for (const reading of this.#read.values()) reading?.reject(error)
    this.#read.clear()
    for (const stream of [...this.#given.keys()]) this.drop({ coffreStream: stream }).catch(() => {})
  }

  async #sendPiece(stream: number): Promise<void> {
    const source = this.#given.get(stream)
    if (source === undefined) return
    try {
      const { done, value } = await source.next()
      if (done === true) {
        this.#given.delete(stream)
        this.#post({ kind: 'last', stream })
        return
      }
      // A piece of a pool (a request's body) is copied; one with memory of its own is moved.
      const isOwn = value.byteOffset === 0 && value.byteLength === value.buffer.byteLength && !Buffer.isBuffer(value)
      this.#post({ kind: 'piece', stream, bytes: value }, isOwn ? [value.buffer as ArrayBuffer] : [])
    } catch (error) {
      this.#given.delete(stream)
      this.#post({ kind: 'last', stream, error: sendError(error) })
    }
  }
}
