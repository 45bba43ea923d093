/** A crew of threads for programs in Node: worker threads, and this one too, which else would wait for them. */
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { Crew, type Thread } from './crew.ts'
import { crewThread } from './crew-thread.ts'

/** Below this many bytes of content threads take longer to start than they save. */
const WORTH = 16 * 1024 * 1024
const THREADS_MAX = 8

/**
 * A crew for a content of so many bytes, a thread for each core, this one among them; `undefined` when this thread alone is
 * as fast. Close it when the content is through. Each further thread is a runtime of its own and takes some 25 MiB with its
 * blocks: where memory is scarce, do without, or name fewer `cores`.
 */
export function startCrew(size: number, cores = availableParallelism()): Crew | undefined {
  if (size < WORTH || cores < 2) return undefined
  return new Crew(Array.from({ length: Math.min(cores, THREADS_MAX) - 1 }, startThread), thisThread())
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

/** Does what it is told in a turn of its own, so that the answers of the others are heard between two blocks. */
function thisThread(): Thread {
  let answered: Parameters<Thread['listen']>[0]
  const work = crewThread(answer => answered(answer))
  return {
    tell(told) {
      const own = 'plaintext' in told ? told : structuredClone(told) // a key of its own, which it overwrites
      setImmediate(() => void work(own))
    },
    listen(given) {
      answered = given
    },
    end: () => undefined, // it was told of the end of each body
  }
}
