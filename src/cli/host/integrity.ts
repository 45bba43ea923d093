/**
 * The database's own check at every start, in a thread of its own beside the first requests: it reads all of the store.
 * A large one would keep the disk busy for minutes at each start, and a stop waiting; its operator checks it by
 * `coffre host check`, at a time of their own.
 */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'

/** Bytes of a database up to which it is checked at start: some seconds. */
const CHECKED_MAX = 2 ** 30

/** What came of it. `large`: it was left to the operator. */
export type Integrity = 'whole' | 'damaged' | 'unchecked' | 'large'

/** Begins the check; `onEnd` is told once what came of it, unless it was stopped before. */
export function checkIntegrityBeside(
  store: string,
  onEnd: (result: Integrity) => void,
  largest = CHECKED_MAX,
): { stop(): Promise<void> } {
  const file = join(store, 'store.sqlite')
  let isOver = false
  const end = (result: Integrity) => {
    if (!isOver) onEnd(result)
    isOver = true
  }
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > largest) {
    onEnd('large')
    return { stop: async () => {} }
  }
  const thread = new Worker(new URL('./integrity-thread.ts', import.meta.url), { workerData: file })
  thread.unref()
  thread.once('message', end)
  thread.once('error', () => end('unchecked'))
  thread.once('exit', () => end('unchecked'))
  return {
    async stop() {
      isOver = true
      await thread.terminate()
    },
  }
}
