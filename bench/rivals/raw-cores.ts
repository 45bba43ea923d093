/** The limit of both cores: two threads that do nothing but `raw-chunks.ts`, in memory, with no file and nothing to tell. */
import { once } from 'node:events'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { openRaw, rawChunks, sealRaw } from './raw-chunks.ts'

const MIB = 2 ** 20

/** Two threads that wait to be asked. */
export interface RawCores {
  /** Each does half of that many bytes. */
  run(work: 'seal' | 'open', length: number): Promise<void>
  close(): Promise<void>
}

/** Starts them. */
export async function rawCores(): Promise<RawCores> {
  const threads = [0, 1].map(() => new Worker(new URL(import.meta.url), { workerData: { rawCores: true } }))
  await Promise.all(threads.map(thread => once(thread, 'online')))
  return {
    async run(work, length) {
      await Promise.all(
        threads.map(thread => {
          const done = once(thread, 'message')
          thread.postMessage({ work, length: length / 2 })
          return done
        }),
      )
    },
    async close() {
      await Promise.all(threads.map(thread => thread.terminate()))
    },
  }
}

if (!isMainThread && workerData?.rawCores === true) {
  const piece = new Uint8Array(MIB)
  const chunks = rawChunks(MIB)
  const pieces = function* (length: number) {
    for (let left = length; left > 0; left -= MIB) yield piece
  }
  parentPort?.on('message', ({ work, length }: { work: 'seal' | 'open'; length: number }) => {
    if (work === 'seal') sealRaw(pieces(length), { released: true })
    else openRaw(chunks, length, { released: true })
    parentPort?.postMessage(null)
  })
}
