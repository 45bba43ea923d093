import type { ChainId } from '../../protocol/entry.ts'
import type { Hash, Instant } from '../../protocol/ids.ts'
import { checkNext, type ParsedEntry, parseEntry } from '../entry.ts'
import { LogError } from '../errors.ts'
import type { Case, Examined, Soon } from './case.ts'

/** The last entry of a chain, as little of it as the next one needs: there are as many as records. */
interface Head {
  n: number
  hash: Hash
  t: Instant
  seq: number
}

/** The chains of records and of the system, each known by its last entry. */
export class Chains {
  readonly #case: Case
  readonly #heads = new Map<ChainId, Head>()

  constructor(audited: Case) {
    this.#case = audited
  }

  /** Records, the system's chain left out. */
  get records(): number {
    return this.#heads.size - (this.#heads.has('system') ? 1 : 0)
  }

  /** The last entry of a chain so far. */
  headOf(chain: ChainId): Readonly<Pick<Head, 'n' | 'hash'>> | null {
    return this.#heads.get(chain) ?? null
  }

  /** Checks that an entry follows. False when it stands in the place of another: then it is not to be acted upon. */
  next(at: Examined): Soon<boolean> {
    const { link, event } = at.entry.parsed
    const head = this.#heads.get(link.record) ?? null
    const follows =
      head === null
        ? link.n === 0 && link.prev === null
        : link.n === head.n + 1 && link.prev === head.hash && event.t >= head.t
    if (!follows) return this.#told(at, head)
    this.#move(at, head)
    return true
  }

  async #told(at: Examined, head: Head | null): Promise<boolean> {
    if (!(await this.#tell(at, head))) return false
    this.#move(at, head)
    return true
  }

  #move({ entry, seq }: Examined, head: Head | null): void {
    const { hash, parsed } = entry
    const { n, record } = parsed.link
    const { t } = parsed.event
    if (head === null) this.#heads.set(record, { n, hash, t, seq })
    else {
      head.n = n
      head.hash = hash
      head.t = t
      head.seq = seq
    }
  }

  /** What is wrong with it. False for a second entry of one number. */
  async #tell(at: Examined, head: Head | null): Promise<boolean> {
    const previous = head === null ? null : await this.#entry(head.seq)
    const { n } = at.entry.parsed.link
    if (head !== null && n <= head.n) {
      const evidence = { head: previous && { link: previous.link, event: previous.event } }
      if (at.entry.hash === head.hash) this.#case.found('entry-duplicated', `Entry ${n} of its chain stands twice`, at)
      else this.#case.found('chain-forked', `Its chain had an entry ${n} already`, at, evidence)
      return false
    }
    try {
      checkNext(previous, at.entry)
    } catch (error) {
      if (!LogError.is(error)) throw error
      const codes = {
        'chain-number': 'chain-gap',
        'chain-prev': 'chain-broken',
        'chain-time': 'clock-set-back',
      } as const
      const code = codes[error.code as keyof typeof codes] ?? 'chain-broken'
      this.#case.found(code, error.message, at, { proof: error.evidence })
    }
    return true
  }

  async #entry(seq: number): Promise<ParsedEntry | null> {
    const stored = await this.#case.stored(seq)
    return stored === null ? null : parseEntry(stored)
  }
}
