/** A thread of an audit: one slice over a reading of the store of its own. Told what to do by threads.ts. */
import { parentPort, workerData } from 'node:worker_threads'
import { CoffreError } from '../../crypto/errors.ts'
import { Slice, type SliceOptions } from '../../log/audit/slice.ts'
import { openStoreSource, type StoreSource } from './store-source.ts'

export interface SliceThreadData extends SliceOptions {
  readonly folder: string
  readonly bodies: boolean
}

/** What a thread is asked; each is answered once, in order. */
export type Asked =
  | { readonly what: 'open' }
  | { readonly what: 'start' }
  | { readonly what: 'take'; readonly from: number; readonly to: number }
  | { readonly what: 'finish' }
  | { readonly what: 'documents' }

/** Answers, and documents that were hashed meanwhile. */
export type Told =
  | { readonly what: 'answer'; readonly value: unknown }
  | { readonly what: 'failed'; readonly message: string; readonly code: string | null }
  | { readonly what: 'documents'; readonly count: number }

const { folder, bodies, ...options } = workerData as SliceThreadData
let source: StoreSource | null = null
let slice: Slice | null = null

async function answer(asked: Asked): Promise<unknown> {
  if (asked.what === 'open') {
    source?.close()
    source = openStoreSource(folder, { bodies })
    slice = new Slice(source, options)
    return source.size()
  }
  if (slice === null) throw new TypeError('open comes first')
  switch (asked.what) {
    case 'start':
      return slice.start()
    case 'take':
      return slice.take(asked.from, asked.to)
    case 'finish':
      return slice.finish()
    case 'documents':
      return slice.documents(count => tell({ what: 'documents', count }))
  }
}

function tell(told: Told): void {
  parentPort?.postMessage(told, arraysIn(told))
}

/** What is not looked at again goes over as it is, and is not copied. */
function arraysIn(told: Told): ArrayBuffer[] {
  if (told.what !== 'answer' || typeof told.value !== 'object' || told.value === null) return []
  return Object.values(told.value).flatMap(each => (ArrayBuffer.isView(each) ? [each.buffer as ArrayBuffer] : []))
}

async function handle(asked: Asked): Promise<void> {
  try {
    tell({ what: 'answer', value: await answer(asked) })
  } catch (error) {
    const { message } = error as Error
    tell({ what: 'failed', message, code: CoffreError.is(error) ? error.code : null })
  }
}

let queue = Promise.resolve()
parentPort?.on('message', (asked: Asked) => {
  queue = queue.then(() => handle(asked))
})
