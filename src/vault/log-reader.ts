import type { Bytes } from '../crypto/bytes.ts'
import type { Hash, Instant, RecordId } from '../protocol/ids.ts'
import type { ChainPage, EntryLeaf, Health } from '../protocol/messages.ts'
import { type Acts, type RecordRequest, requireOwner } from './acts.ts'
import type { ErasureBook } from './erasure-book.ts'
import type { Integrator } from './integrator.ts'
import type { Store } from './store/store.ts'
import type { TileFiles } from './tile-files.ts'
import type { Witnesses } from './witnesses.ts'

/** Entries in one page of a chain. */
const PAGE = 500
/** For so long one look at the log's health answers for all, milliseconds. */
const HEALTH_MS = 1000

/** The log as it is served: public tiles and checkpoint, and to each patient the own chain. */
export class LogReader {
  readonly #store: Store
  readonly #acts: Acts
  readonly #tiles: TileFiles
  readonly #integrator: Integrator
  readonly #witnesses: Witnesses
  readonly #erasures: ErasureBook

  #health: Promise<Health> | null = null
  #healthAt = 0

  constructor(parts: {
    store: Store
    acts: Acts
    tiles: TileFiles
    integrator: Integrator
    witnesses: Witnesses
    erasures: ErasureBook
  }) {
    this.#erasures = parts.erasures
    this.#store = parts.store
    this.#acts = parts.acts
    this.#tiles = parts.tiles
    this.#integrator = parts.integrator
    this.#witnesses = parts.witnesses
  }

  /** Entries of the patient's chain after `after` (-1: all), with what shows that those erased were lawfully. Throws `Refusal` `no-grant`. */
  async page(request: RecordRequest, record: RecordId, after: number): Promise<ChainPage> {
    requireOwner(request, record)
    const size = this.#integrator.size
    const rows = await this.#acts.look(request, tx =>
      tx.all<{ seq: number; link: string; event: string }>(
        'SELECT seq, link, event FROM entries WHERE chain = @record AND n > @after ORDER BY n LIMIT @limit',
        { record, after, limit: PAGE + 1 },
      ),
    )
    const page = rows.slice(0, PAGE)
    const entries = page.map(({ seq, link, event }) => ({ link, event, leaf: seq < size ? seq : null }))
    const erasures = await this.#erasures.covering(page)
    return { entries, last: rows.length <= PAGE, ...(erasures.length > 0 && { erasures }) }
  }

  /** Where an entry stands in the tree; whoever knows its hash may ask. */
  leafOf(hash: Hash): EntryLeaf {
    const row = this.#store.read.get<{ seq: number }>('SELECT seq FROM entries WHERE hash = @hash', { hash })
    return { leaf: row !== undefined && row.seq < this.#integrator.size ? row.seq : null }
  }

  /** A file of the public log, by its C2SP path; null when there is none. */
  file(path: string): Promise<Bytes | null> {
    return this.#tiles.fetch(path)
  }

  /** Can the log be written? Writes nothing that stays. */
  health(): Promise<Health> {
    const now = performance.now()
    if (this.#health === null || now - this.#healthAt > HEALTH_MS) {
      this.#healthAt = now
      this.#health = this.#probe()
    }
    return this.#health
  }

  async #probe(): Promise<Health> {
    const log = {
      treeSize: this.#integrator.size,
      quorum: this.#integrator.quorum,
      witnesses: this.#witnesses.standing().map(({ name, treeSize, cosignedAt }) => ({
        name,
        treeSize,
        cosignedAt: cosignedAt === null ? null : (cosignedAt.toISOString() as Instant),
      })),
    }
    try {
      await this.#store.write(tx => {
        // Only what changes a page reaches the disk: a full one takes a commit of nothing.
        tx.run("INSERT INTO nonces (key, nonce, expires) VALUES ('health', '', 0) ON CONFLICT DO NOTHING")
        tx.run("DELETE FROM nonces WHERE key = 'health'")
      })
      return { status: 'ok', ...log }
    } catch {
      return { status: 'log-unavailable', ...log }
    }
  }
}
