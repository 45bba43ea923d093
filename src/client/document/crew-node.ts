/** A crew of worker threads, for programs in Node. */
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { Crew, type Thread } from './crew.ts'

/** Below this many bytes of content threads take longer to start than they save. */
const WORTH = 16 * 1024 * 1024
const THREADS_MAX = 8

/**
 * A crew for a content of so many bytes, a thread for each core; `undefined` when this thread alone is as fast. Close it when
 * the content is through.
 */
export function startCrew(size: number, cores = availableParallelism()): Crew | undefined {
  if (size < WORTH || cores < 2) return undefined
  return new Crew(Array.from({ length: Math.min(cores, THREADS_MAX) }, startThread))
}

function startThread(): Thread {
  const worker = new Worker(new URL('./crew-node-thread.ts', import.meta.url))
  return {
    tell: (told, buffers) => worker.postMessage(told, buffers),
    listen(answered, failed) {
      worker.on('message', answered)
      worker.on('error', failed)
      worker.on('exit', failed)
    },
    end: () => void worker.terminate(),
  }
}
