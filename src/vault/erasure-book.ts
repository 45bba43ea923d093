/** What shows a patient that the events erased from a chain were erased by right (docs/protocol/erasure.md). */
import { toBase64url } from '../crypto/bytes.ts'
import { sha256Text } from '../crypto/hash.ts'
import { parseErased } from '../log/entry.ts'
import { peek } from '../log/verified.ts'
import type { EntryLines } from '../protocol/entry.ts'
import type { Hash } from '../protocol/ids.ts'
import type { ShownErasure } from '../protocol/messages.ts'
import { Erasure, StatementTyp } from '../protocol/statements.ts'
import type { Store } from './store/store.ts'
import type { WitnessedLog } from './witnessed.ts'

const ORDER = { typ: StatementTyp.erasure, schema: Erasure } as const

/** Most orders that are shown beside a page. */
const MOST = 64

interface Row {
  readonly statement: string
  readonly hash: Hash
  readonly link: string
  readonly event: string
}

export class ErasureBook {
  readonly #store: Store
  readonly #witnessed: WitnessedLog

  constructor(parts: { store: Store; witnessed: WitnessedLog }) {
    this.#store = parts.store
    this.#witnessed = parts.witnessed
  }

  /** The orders that cover those of these entries whose events are gone; none when all are there. */
  async covering(entries: readonly (EntryLines & { readonly seq: number })[]): Promise<ShownErasure[]> {
    const gone = entries.filter(lines => parseErased(lines) !== null).map(({ seq }) => seq)
    if (gone.length === 0) return []
    const shown: ShownErasure[] = []
    for (const row of this.#orders()) {
      const payload = peek(row.statement, ORDER) // verified when it was carried out, and by whoever is shown it
      if (!gone.some(seq => seq >= payload.from && seq < payload.to)) continue
      const each = await this.#shown(row, payload.to - 1)
      if (each !== null) shown.push(each)
      if (shown.length === MOST) break
    }
    return shown
  }

  #orders(): Row[] {
    return this.#store.read.all<Row>(
      `SELECT erasures.statement, entries.hash, entries.link, entries.event
       FROM erasures JOIN entries ON entries.hash = erasures.entry ORDER BY entries.seq`,
    )
  }

  /** Null while witnesses do not know of it: a proof would prove nothing. */
  async #shown({ statement, hash, link, event }: Row, seq: number): Promise<ShownErasure | null> {
    const last = this.#store.read.get<{ hash: Hash }>('SELECT hash FROM entries WHERE seq = @seq', { seq })
    const known = last && (await this.#witnessed.of(last.hash))
    const said = await this.#witnessed.of(hash)
    if (last === undefined || known == null || said === null) return null
    return {
      order: statement,
      event,
      linkHash: toBase64url(sha256Text(link)) as Hash,
      proof: said.proof,
      last: { entryHash: last.hash, proof: known.proof },
    }
  }
}
