/** The thread that runs targets; `main.ts` watches it, since a reader that never answers cannot be stopped from inside. */
import { parentPort, workerData } from 'node:worker_threads'
import { loop, type Tally } from './loop.ts'
import { targets } from './targets/index.ts'

/** What this thread is to do. */
export interface Work {
  readonly names: readonly string[]
  readonly seed: number
  readonly from: number
  /** Inputs in all, shared out by the targets' shares; or for each, when `each`. */
  readonly runs: number
  readonly each: boolean
  /** Seconds in all, shared out likewise; null without a limit. */
  readonly seconds: number | null
  /** Where the watcher reads on which input of which target this thread is. */
  readonly place: SharedArrayBuffer
}

/** What it tells. */
export type Told =
  | { readonly kind: 'ready' }
  | { readonly kind: 'target'; readonly name: string; readonly runs: number }
  | { readonly kind: 'tally'; readonly tally: Tally }

const { names, seed, from, runs, each, seconds, place } = workerData as Work
const at = new Float64Array(place)
const chosen = targets.filter(({ name }) => names.includes(name))
const shares = chosen.reduce((sum, { share }) => sum + share, 0)
const tell = (told: Told) => parentPort?.postMessage(told)

tell({ kind: 'ready' })
const began = performance.now()
for (const target of chosen) {
  const part = each ? runs : Math.ceil((runs * target.share) / shares)
  tell({ kind: 'target', name: target.name, runs: part })
  const before = (index: number) => {
    at[0] = index
  }
  const until = seconds === null ? undefined : began + (seconds * 1000 * (chosen.indexOf(target) + 1)) / chosen.length
  tell({
    kind: 'tally',
    tally: await loop(target, { seed, from, runs: part, before, ...(until !== undefined && { until }) }),
  })
}
