/** Many small works, some at once, their results in the order of the items. */

/** At once: what goes beside this thread is never waited for alone, and memory stays small. */
const AT_ONCE = 16
/** Works begun between two looks at what else waits on this thread. */
const BREATH = 25

interface Platform {
  readonly scheduler?: { yield?(): Promise<void> }
  readonly setImmediate?: (then: () => void) => void
}

/** Rejects with the first failure, begins nothing more then, and waits for what was begun. */
export async function together<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  let next = 0
  let hasFailed = false
  const run = async () => {
    while (next < items.length && !hasFailed) {
      const at = next++
      try {
        results[at] = await work(items[at] as T)
      } catch (error) {
        hasFailed = true
        throw error
      }
      if (at % BREATH === BREATH - 1) await breathe()
    }
  }
  const runs = await Promise.allSettled(Array.from({ length: Math.min(AT_ONCE, items.length) }, run))
  for (const each of runs) if (each.status === 'rejected') throw each.reason
  return results
}

/** Gives way to an answer that comes in, to a message. Not by a timer: browsers make one wait four milliseconds. */
async function breathe(): Promise<void> {
  const { scheduler, setImmediate } = globalThis as Platform
  if (scheduler?.yield !== undefined) return scheduler.yield()
  return new Promise(resolve => (setImmediate ?? setTimeout)(resolve))
}
