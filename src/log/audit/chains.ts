import type { ChainId, Link } from '../../protocol/entry.ts'
import type { Hash, Instant } from '../../protocol/ids.ts'
import { checkNext, type ErasedEntry, type ParsedEntry, parseEntry, parseErased } from '../entry.ts'
import { LogError } from '../errors.ts'
import type { Case, Examined, Soon } from './case.ts'
import type { FindingCode } from './finding.ts'

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

  /** The same for one whose event was erased: its number and what it names are still there, its time is not. */
  nextErased({ link: line, event, hash, parsed: { link } }: ErasedEntry, seq: number): void {
    const head = this.#heads.get(link.record) ?? null
    const place = { record: link.record, n: link.n, seq }
    const evidence = { entry: { link: line, event } }
    if (head !== null && link.n <= head.n) {
      this.#case.findings.add('chain-forked', `Its chain had an entry ${link.n} already`, place, evidence)
      return
    }
    this.#placed(link, { head, isDated: false }, (code, message) =>
      this.#case.findings.add(code, message, place, evidence),
    )
    const t = head?.t ?? ('' as Instant)
    this.#heads.set(link.record, { n: link.n, hash, t, seq })
  }

  /** Number and predecessor by what is known of the entry before, whose event may be gone. */
  #placed(
    { n, prev }: Link,
    { head, isDated }: { readonly head: Head | null; readonly isDated: boolean },
    found: (code: FindingCode, message: string) => void,
  ): void {
    const due = head === null ? 0 : head.n + 1
    if (n !== due) found('chain-gap', `Entry ${due} of the chain is missing: entry ${n} stands in its place`)
    else if (prev !== (head?.hash ?? null)) found('chain-broken', `Entry ${n} does not follow the entry before it`)
    else if (isDated) found('clock-set-back', `Entry ${n} is dated before the one before it`)
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
    if (head !== null && previous === null) {
      this.#placed(at.entry.parsed.link, { head, isDated: true }, (code, message) =>
        this.#case.found(code, message, at),
      )
      return true
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
    return stored === null || parseErased(stored) !== null ? null : parseEntry(stored)
  }
}
