/**
 * Grows the tree. One at a time, in this order, and after a crash by the same function:
 *
 * 1. entries that are durable and not yet in the tree become leaves, in their order;
 * 2. the tiles they touch are written and fsynced;
 * 3. the checkpoint is signed and its row is durable (compare-and-swap on the size before);
 * 4. witnesses are asked, as many as answer in time;
 * 5. the note with what they said is durable, then published.
 *
 * A crash between 2 and 3 leaves tiles of a size nobody signed: the same leaves give the same tiles again. Between 3 and
 * 5: the next round starts from the row, which is never signed with another root.
 */
import { fromBase64url, toBase64url } from '../crypto/bytes.ts'
import { addCosignatures, type LogSigner, signCheckpoint, verifyCheckpoint } from '../log/checkpoint.ts'
import type { Policy } from '../log/policy.ts'
import { TileBuilder } from '../log/tile-builder.ts'
import { TileReader } from '../log/tile-reader.ts'
import type { Hash } from '../protocol/ids.ts'
import { VaultError } from './errors.ts'
import type { Store } from './store/store.ts'
import type { TileFiles } from './tile-files.ts'
import type { Witnesses } from './witnesses.ts'

/** Entries taken into the tree in one round. */
const ROUND = 4096
/** An idle log is cosigned again after this long, milliseconds. */
const FRESH_FOR_MS = 5 * 60_000
/** Witnesses that did not make the quorum are asked again after this long, milliseconds. */
const RETRY_MS = 5000
/** Pause between rounds, milliseconds: entries are in the tree well within a second. */
const PAUSE_MS = 200

interface CheckpointRow {
  readonly size: number
  readonly root: Hash
  readonly signed: string
  readonly published: number
}

export interface IntegratorOptions {
  readonly store: Store
  readonly tiles: TileFiles
  readonly signer: LogSigner
  readonly policy: Policy
  readonly witnesses: Witnesses
  readonly clock: () => Date
  /** Told of a round that failed; the next one tries again. */
  readonly onError: (error: unknown) => void
}

export class Integrator {
  readonly #options: IntegratorOptions
  /** Null after a round failed half-way: the next one resumes from what is durable. */
  #builder: TileBuilder | null
  /** When an idle log is next shown to the witnesses, POSIX milliseconds. */
  #cosignAt = 0
  #quorum = false
  #stopped = false
  #running: Promise<void> = Promise.resolve()

  private constructor(options: IntegratorOptions, builder: TileBuilder) {
    this.#options = options
    this.#builder = builder
  }

  /**
   * Goes on from the last checkpoint, and publishes it again: a crash may have left an older one, and who saw the newer
   * must never be served that. Throws `LogError` `tile-…` when the tiles on disk are not those of its root.
   */
  static async resume(options: IntegratorOptions): Promise<Integrator> {
    const last = lastCheckpoint(options.store)
    if (last?.published === 1) await options.tiles.publish(last.signed)
    return new Integrator(options, await builderOf(options))
  }

  /** Leaves in the newest signed tree. */
  get size(): number {
    return lastCheckpoint(this.#options.store)?.size ?? 0
  }

  /** Whether as many witnesses as the policy asks cosigned what was published last. */
  get quorum(): boolean {
    return this.#quorum
  }

  /** Works until `stop`. */
  start(): void {
    this.#running = this.#loop()
  }

  /** Finishes the round under way, then a last one, so that every entry written is in the tree. */
  async stop(): Promise<void> {
    this.#stopped = true
    await this.#running
    await this.round().catch(this.#options.onError)
  }

  async #loop(): Promise<void> {
    while (!this.#stopped) {
      try {
        await this.round()
      } catch (error) {
        this.#options.onError(error)
      }
      await new Promise(resolve => setTimeout(resolve, PAUSE_MS))
    }
  }

  /** One round: everything durable and not yet integrated, up to a bound. */
  async round(): Promise<void> {
    const builder = this.#builder ?? (await builderOf(this.#options))
    this.#builder = null
    await this.#grow(builder)
    this.#builder = builder
  }

  async #grow(builder: TileBuilder): Promise<void> {
    const { store, tiles, signer, clock } = this.#options
    const last = lastCheckpoint(store)
    if (last !== undefined && (last.size !== builder.size || last.root !== toBase64url(builder.root()))) throw shared()
    const rows = store.read.all<{ seq: number; hash: Hash }>(
      'SELECT seq, hash FROM entries WHERE seq >= @from ORDER BY seq LIMIT @limit',
      { from: builder.size, limit: ROUND },
    )
    for (const { seq, hash } of rows) {
      if (seq !== builder.size) {
        throw new VaultError(`Entry ${builder.size} is missing from the store`, { code: 'store-gap' })
      }
      builder.append(fromBase64url(hash))
    }
    const size = builder.size
    if (size === 0) return
    const isNew = last === undefined || last.size !== size
    if (!isNew && last.published === 1 && clock().getTime() < this.#cosignAt) return
    if (isNew) {
      await tiles.store(builder.take())
      const root = builder.root()
      const signed = signCheckpoint({ size, root }, signer, seconds(clock()))
      await this.#record({ size, root: toBase64url(root) as Hash, signed, published: 0 }, last)
    }
    await this.#cosignAndPublish()
  }

  async #record(row: CheckpointRow, last: CheckpointRow | undefined): Promise<void> {
    await this.#options.store.write(tx => {
      const now = tx.get<{ size: number | null }>('SELECT MAX(size) AS size FROM checkpoints')?.size ?? null
      if (now !== (last?.size ?? null)) throw shared()
      tx.run('INSERT INTO checkpoints (size, root, signed, published) VALUES (@size, @root, @signed, @published)', {
        ...row,
      })
    })
  }

  async #cosignAndPublish(): Promise<void> {
    const { store, tiles, signer, policy, witnesses, clock } = this.#options
    const row = lastCheckpoint(store)
    if (row === undefined) return
    const reader = new TileReader({ size: row.size, root: fromBase64url(row.root) }, path => tiles.fetch(path))
    // Signed afresh: the log's own time is part of what says that an idle log was not frozen.
    let signed = signCheckpoint({ size: row.size, root: fromBase64url(row.root) }, signer, seconds(clock()))
    for (const { keys, answer } of await witnesses.ask(signed, row.size, reader)) {
      signed = addCosignatures(signed, answer, keys)
    }
    const { quorum } = verifyCheckpoint(signed, policy)
    if (!quorum) witnesses.onShort()
    // Since when entries are known to the witnesses is proved by the first note that a quorum cosigned: it stays.
    const first = row.published === 1 && verifyCheckpoint(row.signed, policy).quorum ? row.signed : null
    await store.write(tx =>
      tx.run(
        `UPDATE checkpoints SET signed = @signed, published = 1, witnessed = COALESCE(witnessed, @first)
         WHERE size = @size`,
        { signed, first, size: row.size },
      ),
    )
    await tiles.publish(signed)
    this.#quorum = quorum
    this.#cosignAt = clock().getTime() + (quorum ? FRESH_FOR_MS : RETRY_MS)
  }
}

function builderOf({ store, tiles }: IntegratorOptions): Promise<TileBuilder> {
  const last = lastCheckpoint(store)
  if (last === undefined) return Promise.resolve(TileBuilder.empty())
  return TileBuilder.resume({ size: last.size, root: fromBase64url(last.root) }, path => tiles.fetch(path))
}

function lastCheckpoint(store: Store): CheckpointRow | undefined {
  return store.read.get<CheckpointRow>(
    'SELECT size, root, signed, published FROM checkpoints ORDER BY size DESC LIMIT 1',
  )
}

function seconds(date: Date): number {
  return Math.floor(date.getTime() / 1000)
}

function shared(): VaultError {
  return new VaultError('Another process grew the tree: only one host may run on a store', { code: 'store-shared' })
}
