/** A crew of a page's workers. The page says where its worker's script is; that script calls `serveCrew`, and no more. */
import { Crew, type Thread } from './crew.ts'
import { type Answer, crewThread, type Told } from './crew-thread.ts'

/**
 * A crew of workers just made, each of a script that calls `serveCrew`. Close it when nothing more is to be sealed or opened:
 * that ends them.
 */
export function crewOfWorkers(workers: readonly Worker[]): Crew {
  return new Crew(workers.map(threadOf))
}

function threadOf(worker: Worker): Thread {
  return {
    tell: (told, buffers) => worker.postMessage(told, buffers),
    listen(answered, failed) {
      worker.addEventListener('message', ({ data }: MessageEvent<Answer>) => answered(data))
      worker.addEventListener('error', failed)
    },
    end: () => worker.terminate(),
  }
}

/** What a worker's script calls, before it awaits anything: what comes before is lost. */
export function serveCrew(scope: Pick<Worker, 'postMessage' | 'addEventListener'>): void {
  const told = crewThread((answer, buffers) => scope.postMessage(answer, buffers))
  scope.addEventListener('message', ({ data }: MessageEvent<Told>) => void told(data))
}
