/** Slices of an audit in threads of their own, as many as cores. */
import { Worker } from 'node:worker_threads'
import type { Finding } from '../../log/audit/finding.ts'
import type { AuditSlice, SliceEnd, SliceLeaves, SliceOptions } from '../../log/audit/slice.ts'
import { SourceError } from '../../log/audit/source.ts'
import type { Asked, SliceThreadData, Told } from './slice-thread.ts'
import { openStoreSource, type StoreSource } from './store-source.ts'

/** How often the threads try to begin at the same moment of a store that a host is writing. */
const ATTEMPTS = 20

/** Room for what lives no longer than a range, so that none of it is taken for what stays. */
const LIMITS = { maxYoungGenerationSizeMb: 64 }

/** A store opened once for each thread, all of them at the same moment. */
export interface OpenedStore {
  readonly source: StoreSource
  /** Undefined for one thread: the audit's own. */
  readonly slices: readonly AuditSlice[] | undefined
  close(): Promise<void>
}

/**
 * Opens a store for so many threads. A host that writes all the time may not let them begin at one moment; then there is
 * one thread. Throws `SourceError`.
 */
export async function openForThreads(
  folder: string,
  { threads, bodies, ...options }: Omit<SliceOptions, 'part'> & { readonly threads: number; readonly bodies: boolean },
): Promise<OpenedStore> {
  const slices =
    threads < 2
      ? []
      : Array.from(
          { length: threads },
          (_, index) => new SliceThread({ folder, bodies, ...options, part: { index, of: threads } }),
        )
  const closeThreads = () => Promise.all(slices.map(slice => slice.close()))
  try {
    for (let attempt = 0; ; attempt++) {
      const source = openStoreSource(folder, { bodies })
      const same = await agree(source, slices)
      if (same || attempt >= ATTEMPTS) {
        if (!same) await closeThreads()
        return {
          source,
          slices: same && slices.length > 0 ? slices : undefined,
          async close() {
            source.close()
            await closeThreads()
          },
        }
      }
      source.close()
    }
  } catch (error) {
    await closeThreads()
    throw error
  }
}

/** Every change of a store comes with an entry: what has as many entries is the same. */
async function agree(source: StoreSource, slices: readonly SliceThread[]): Promise<boolean> {
  const sizes = await Promise.all(slices.map(slice => slice.open()))
  const size = await source.size()
  return sizes.every(each => each === size)
}

interface Waiting {
  resolve(value: unknown): void
  reject(error: Error): void
}

class SliceThread implements AuditSlice {
  readonly #worker: Worker
  /** In the order in which they were asked. */
  readonly #waiting: Waiting[] = []
  #onDone: (count: number) => void = () => {}

  constructor(workerData: SliceThreadData) {
    this.#worker = new Worker(new URL('./slice-thread.ts', import.meta.url), { workerData, resourceLimits: LIMITS })
    this.#worker.on('message', (told: Told) => this.#told(told))
    this.#worker.on('error', error => this.#fail(error as Error))
    this.#worker.on('exit', () => this.#fail(new SourceError('A thread of the audit ended')))
  }

  open(): Promise<number> {
    return this.#ask({ what: 'open' })
  }

  start(): Promise<void> {
    return this.#ask({ what: 'start' })
  }

  take(from: number, to: number): Promise<SliceLeaves> {
    return this.#ask({ what: 'take', from, to })
  }

  finish(): Promise<SliceEnd> {
    return this.#ask({ what: 'finish' })
  }

  documents(onDone: (count: number) => void): Promise<readonly Finding[]> {
    this.#onDone = onDone
    return this.#ask({ what: 'documents' })
  }

  async close(): Promise<void> {
    await this.#worker.terminate()
  }

  #ask<T>(asked: Asked): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    this.#waiting.push({ resolve, reject })
    this.#worker.postMessage(asked)
    return promise as Promise<T>
  }

  #told(told: Told): void {
    if (told.what === 'documents') {
      this.#onDone(told.count)
      return
    }
    const waiting = this.#waiting.shift()
    if (told.what === 'answer') waiting?.resolve(told.value)
    else if (told.code === 'source-unreadable') waiting?.reject(new SourceError(told.message))
    else waiting?.reject(new Error(told.message))
  }

  #fail(error: Error): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error)
  }
}
