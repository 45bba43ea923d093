/** Since when the witnesses know of an entry: what proves to others that time has passed since (docs/protocol/tree.md). */
import { fromBase64url } from '../crypto/bytes.ts'
import { verifyCheckpoint } from '../log/checkpoint.ts'
import { parseErased, parseEvent } from '../log/entry.ts'
import type { Policy } from '../log/policy.ts'
import { formatProof } from '../log/proof.ts'
import { TileReader } from '../log/tile-reader.ts'
import type { EntryLines } from '../protocol/entry.ts'
import type { Hash } from '../protocol/ids.ts'
import type { Store } from './store/store.ts'
import type { TileFiles } from './tile-files.ts'

/** Checkpoints looked through for one that a quorum cosigned. */
const LOOKED_AT = 512
/** Answers kept: they never change. */
const KEPT = 1024

interface Row {
  readonly size: number
  readonly root: string
  readonly signed: string
}

/** The proof that an entry is in the log, and since when witnesses know. */
export interface Witnessed {
  /** C2SP tlog-proof. */
  readonly proof: string
  readonly since: Date
}

export class WitnessedLog {
  readonly #store: Store
  readonly #tiles: TileFiles
  readonly #policy: Policy
  readonly #clock: () => Date
  readonly #known = new Map<Hash, Witnessed>()

  constructor(parts: { store: Store; tiles: TileFiles; policy: Policy; clock: () => Date }) {
    this.#store = parts.store
    this.#tiles = parts.tiles
    this.#policy = parts.policy
    this.#clock = parts.clock
  }

  /**
   * By the first checkpoint that holds the entry and that a quorum cosigned; null while there is none. Where the policy
   * asks for no witness, nobody but this host says when: the entry's own time stands in.
   */
  async of(entry: Hash): Promise<Witnessed | null> {
    const known = this.#known.get(entry)
    if (known !== undefined) return known
    const found = await this.#find(entry)
    if (found === null) return null
    this.#known.set(entry, found)
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= KEPT) break
      this.#known.delete(oldest)
    }
    return found
  }

  async #find(entry: Hash): Promise<Witnessed | null> {
    const at = this.#store.read.get<EntryLines & { seq: number }>(
      'SELECT seq, link, event FROM entries WHERE hash = @entry',
      { entry },
    )
    if (at === undefined) return null
    const rows = this.#store.read.all<Row>(
      `SELECT size, root, COALESCE(witnessed, signed) AS signed FROM checkpoints
       WHERE size > @seq AND published = 1 ORDER BY size LIMIT @limit`,
      { seq: at.seq, limit: LOOKED_AT },
    )
    for (const { size, root, signed } of rows) {
      const { quorum, witnessedAt } = verifyCheckpoint(signed, this.#policy)
      if (!quorum) continue
      const reader = new TileReader({ size, root: fromBase64url(root) }, path => this.#tiles.fetch(path))
      const proof = formatProof({ index: at.seq, proof: await reader.inclusionProof(at.seq), checkpoint: signed })
      return { proof, since: witnessedAt === null ? this.#timeOf(at) : new Date(witnessedAt * 1000) }
    }
    return null
  }

  /** What an entry says itself; of an erased one nobody knows, and it counts as new. */
  #timeOf(entry: EntryLines): Date {
    return parseErased(entry) === null ? new Date(parseEvent(entry.event).t) : this.#clock()
  }

  /** The newest time that the witnesses told; null when no quorum cosigned lately. */
  now(): Date | null {
    if (this.#policy.quorum === 'none') return this.#clock()
    const rows = this.#store.read.all<Pick<Row, 'signed'>>(
      'SELECT signed FROM checkpoints WHERE published = 1 ORDER BY size DESC LIMIT 16',
    )
    for (const { signed } of rows) {
      const { witnessedAt } = verifyCheckpoint(signed, this.#policy)
      if (witnessedAt !== null) return new Date(witnessedAt * 1000)
    }
    return null
  }
}
