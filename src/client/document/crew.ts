/**
 * A body's blocks shared out among threads: for large documents, on machines with more than one core. `startCrew` of
 * `crew-node.ts` starts one in Node, `crewOfWorkers` of `crew-page.ts` in a page.
 *
 * What a thread gets of a body is its derived key, by a copy between threads that nobody can overwrite; its own it overwrites
 * when the body ends.
 */
import { type Bytes, wipe } from '../../crypto/bytes.ts'
import type { ChunksKey } from '../../crypto/chunks.ts'
import { CryptoError } from '../../crypto/errors.ts'
import { type MessageToSeal, SpanOpener, SpanSealer } from '../../crypto/spans.ts'
import { BlockBuffer } from '../../log/block-tree.ts'
import { ClientError } from '../errors.ts'
import { type BlockOpening, type BlockSealing, type BlockToOpen, type BlockWork, openEdge } from './block-work.ts'
import type { Answer, Told } from './crew-thread.ts'

/** A thread as its platform has it. */
export interface Thread {
  /** Sends, and hands the buffers over. */
  tell(told: Told, buffers: ArrayBuffer[]): void
  /** Called once, before anything is told. `failed`: the thread is gone. */
  listen(answered: (answer: Answer) => void, failed: (cause: unknown) => void): void
  end(): void
}

/** Blocks at one thread: one at the cipher and one that waits for it. */
const BLOCKS_EACH = 2

/** Takes several bodies at once. `close` it at the end: its threads keep a program from ending. */
export class Crew implements BlockWork {
  readonly #members: readonly Member[]
  /** The thread that shares the work out, where it takes blocks itself: one when the others have enough. */
  readonly #own: Member | null
  #bodies = 0

  constructor(threads: readonly Thread[], own?: Thread) {
    this.#members = threads.map(thread => new Member(thread))
    this.#own = own === undefined ? null : new Member(own)
  }

  get #all(): readonly Member[] {
    return this.#own === null ? this.#members : [...this.#members, this.#own]
  }

  get #depth(): number {
    return BLOCKS_EACH * this.#all.length
  }

  /** As `BlockWork`; blocks reject with `ClientError` `thread-ended` when a thread is gone. */
  seal({ key, context, plaintextLength }: MessageToSeal): BlockSealing {
    const message = { key, context, plaintextLength }
    using sealer = SpanSealer.begin(message) // here only for its header: the threads seal
    const { header } = sealer
    const body = this.#begin(body => ({ what: 'seal', body, message, header }))
    return {
      header,
      depth: this.#depth,
      seal: async ({ index, plaintext, plaintextLength, block }) => {
        const told = { what: 'seal block', body, index, plaintext, plaintextLength, block: block.memory } as const
        const done = await this.#next().ask(told)
        return { ...done, block: new BlockBuffer(done.block), length: done.length ?? 0 }
      },
      end: () => this.#end(body),
    }
  }

  /** As `BlockWork`, and the same. */
  open({ key, context }: ChunksKey, header: Bytes, length: number): BlockOpening {
    const edges = new SpanOpener({ key, context }, header, length)
    const body = this.#begin(body => ({ what: 'open', body, key: { key, context }, header, length }))
    const ask = async ({ index, block, length, plaintext }: BlockToOpen, leaf: Bytes | null) => {
      const told = { what: 'open block', body, index, length, leaf, plaintext, block: block.memory } as const
      const { leaf: hash, ...done } = await this.#next().ask(told)
      const opened = new Uint8Array(done.plaintext, 0, done.length ?? 0)
      return { leaf: hash, opened: { opened, block: new BlockBuffer(done.block), plaintext: done.plaintext } }
    }
    return {
      depth: this.#depth,
      hash: async (work, leaf) => {
        const done = await ask(work, leaf)
        return { leaf: done.leaf, open: async () => done.opened, discard: () => wipe(done.opened.opened) }
      },
      open: async work => (await ask(work, null)).opened,
      openEdge: (chunk, sealed) => openEdge(edges, chunk, sealed),
      end: () => {
        edges.wipe()
        this.#end(body)
      },
    }
  }

  /** Ends the threads. What is under way rejects. */
  close(): void {
    for (const member of this.#all) member.end()
  }

  /** The same, for `using`. */
  [Symbol.dispose](): void {
    this.close()
  }

  #begin(told: (body: number) => Begun): number {
    const body = this.#bodies++
    for (const member of this.#all) member.tell(told(body))
    return body
  }

  #end(body: number): void {
    for (const member of this.#all) member.tell({ what: 'end', body })
  }

  /** The thread with the fewest blocks; this one when each other has one at the cipher and one that waits. */
  #next(): Member {
    const next = this.#members.reduce((one, other) => (other.waiting < one.waiting ? other : one))
    return this.#own?.waiting === 0 && next.waiting >= BLOCKS_EACH ? this.#own : next
  }
}

type Done = Exclude<Answer, { failed: unknown }>
type Asked = Extract<Told, { plaintext: ArrayBuffer }>
type Begun = Exclude<Told, Asked>

interface Waiting {
  resolve(done: Done): void
  reject(error: Error): void
}

/** One thread and what it was asked, in order. */
class Member {
  readonly #thread: Thread
  readonly #asked: Waiting[] = []
  #gone: Error | null = null

  constructor(thread: Thread) {
    this.#thread = thread
    thread.listen(
      answer => this.#answered(answer),
      cause => this.#fail(cause),
    )
  }

  get waiting(): number {
    return this.#asked.length
  }

  tell(told: Begun): void {
    // a thread that is gone hears nothing; this one overwrites its keys
    if (this.#gone === null || told.what === 'end') this.#thread.tell(told, [])
  }

  ask(told: Asked): Promise<Done> {
    const { promise, resolve, reject } = Promise.withResolvers<Done>()
    if (this.#gone !== null) throw this.#gone
    this.#asked.push({ resolve, reject })
    this.#thread.tell(told, [told.plaintext, told.block])
    return promise
  }

  end(): void {
    this.#thread.end()
    this.#fail(null)
  }

  #answered(answer: Answer): void {
    const waiting = this.#asked.shift()
    if (waiting === undefined) return
    if ('failed' in answer) {
      const { code, message } = answer.failed
      waiting.reject(code === null ? threadEnded(message) : new CryptoError(message, { code }))
    } else waiting.resolve(answer)
  }

  #fail(cause: unknown): void {
    this.#gone ??= threadEnded(cause)
    for (const { reject } of this.#asked.splice(0)) reject(this.#gone)
  }
}

function threadEnded(cause: unknown): ClientError {
  return new ClientError('A thread that seals and opens ended: try again, or without threads', {
    code: 'thread-ended',
    cause,
  })
}
