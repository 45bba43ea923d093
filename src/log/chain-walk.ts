import type { Instant } from '../protocol/ids.ts'
import { type ChainedEntry, checkNext, isErased } from './entry.ts'
import { LogError } from './errors.ts'

/** Goes along one chain entry by entry, over those whose events were erased as well. */
export class ChainWalk {
  #last: ChainedEntry | null
  /** The newest time that an entry had: erased ones have none, and it must not run back over them. */
  #t: Instant | null

  /** `from`: the last entry known before; null where the chain begins. */
  constructor(from: ChainedEntry | null) {
    this.#last = from
    this.#t = from?.parsed.event?.t ?? null
  }

  /** Throws as `checkNext`. */
  next(entry: ChainedEntry): void {
    checkNext(this.#last, entry)
    this.#last = entry
    if (isErased(entry)) return
    const { t } = entry.parsed.event
    if (this.#t !== null && t < this.#t) {
      throw new LogError(`Entry ${entry.parsed.link.n} is dated before one that was written earlier`, {
        code: 'chain-time',
        evidence: { earlier: this.#t, next: { link: entry.link, event: entry.event } },
      })
    }
    this.#t = t
  }
}
