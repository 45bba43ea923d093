import type { ChainId } from '../../protocol/entry.ts'
import { checkNext, type ParsedEntry } from '../entry.ts'
import { LogError } from '../errors.ts'
import type { Case, Examined } from './case.ts'

/** How far an entry may be dated before one that was written earlier, milliseconds: small steps of a clock set right. */
const STEP_BACK_MS = 60_000

/** The chains of all records and of the system, each known by its last entry. */
export class Chains {
  readonly #case: Case
  readonly #heads = new Map<ChainId, ParsedEntry>()
  #latest: string = ''

  constructor(audited: Case) {
    this.#case = audited
  }

  /** Records, the system's chain left out. */
  get records(): number {
    return this.#heads.size - (this.#heads.has('system') ? 1 : 0)
  }

  /** Checks that an entry follows. False when it stands in the place of another: then it is not to be acted upon. */
  next(at: Examined): boolean {
    const { entry } = at
    const { record, n } = entry.parsed.link
    const head = this.#heads.get(record) ?? null
    this.#checkClock(at)
    try {
      checkNext(head, entry)
    } catch (error) {
      if (!LogError.is(error)) throw error
      if (head !== null && n <= head.parsed.link.n) {
        this.#second(at, head)
        return false
      }
      this.#tell(error, at)
    }
    this.#heads.set(record, entry)
    return true
  }

  #second(at: Examined, head: ParsedEntry): void {
    const { n } = at.entry.parsed.link
    const evidence = { head: { link: head.link, event: head.event } }
    if (at.entry.hash === head.hash) this.#case.found('entry-duplicated', `Entry ${n} of its chain stands twice`, at)
    else this.#case.found('chain-forked', `Its chain had an entry ${n} already`, at, evidence)
  }

  #tell(error: LogError, at: Examined): void {
    const codes = { 'chain-number': 'chain-gap', 'chain-prev': 'chain-broken', 'chain-time': 'clock-set-back' } as const
    const code = codes[error.code as keyof typeof codes] ?? 'chain-broken'
    this.#case.found(code, error.message, at, { proof: error.evidence })
  }

  /** Entries are written one after the other by one clock, whatever their chain. */
  #checkClock(at: Examined): void {
    const { t } = at.entry.parsed.event
    if (t > this.#latest) this.#latest = t
    else if (Date.parse(t) < Date.parse(this.#latest) - STEP_BACK_MS) {
      const message = `An entry is dated ${t}, after one of ${this.#latest} was written`
      this.#case.found('clock-set-back', message, at)
    }
  }
}
