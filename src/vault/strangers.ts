/**
 * Counts what strangers tried (bad signatures, replays, unknown keys) and writes one aggregate per reason and interval
 * into the system chain: a flood cannot fill the log, and does not go unseen.
 */
import type { Journal } from './journal.ts'
import type { Store } from './store/store.ts'

const MAX_REASONS = 64

export class Strangers {
  readonly #counts = new Map<string, number>()
  readonly #store: Store
  readonly #journal: Journal

  constructor(store: Store, journal: Journal) {
    this.#store = store
    this.#journal = journal
  }

  /** Counts one refused request; `reason` is a problem code, never anything the stranger sent. */
  note(reason: string): void {
    if (this.#counts.size >= MAX_REASONS && !this.#counts.has(reason)) return
    this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + 1)
  }

  /** Writes the aggregates of what was counted since the last call. */
  async flush(): Promise<void> {
    const counted = [...this.#counts]
    if (counted.length === 0) return
    this.#counts.clear()
    await this.#store.write(tx => {
      for (const [reason, count] of counted) {
        this.#journal.append(tx, {
          chain: 'system',
          actor: { kind: 'host', id: 'host' },
          action: 'strangers.refused',
          object: { reason, count },
          outcome: 'refused',
          grant: null,
          state: null,
          request: null,
        })
      }
    })
  }
}
