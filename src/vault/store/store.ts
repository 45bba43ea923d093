/** Parameters of a statement, by name (`@name` in the text). */
export type Params = Readonly<Record<string, string | number | bigint | null | Uint8Array>>

/** Statements inside one unit of work. Portable SQL only: nothing that one database alone has. */
export interface Tx {
  /** The first row, or undefined. */
  get<T>(sql: string, params?: Params): T | undefined
  all<T>(sql: string, params?: Params): T[]
  /** Rows changed. */
  run(sql: string, params?: Params): number
  /** How often units were undone so far: what somebody remembers of one that wrote holds as long as this stays the same. */
  readonly undone: number
}

/**
 * Where the host keeps everything but bodies and tiles.
 *
 * Durability: the promise of `write` settles only after the database said that the commit is on the disk, fsync
 * included; what was acknowledged survives a power cut. Consistency: writes run one after the other, each sees all
 * before it, and each is whole or absent. `read` sees committed data alone, possibly a moment old; whoever decides
 * something on what was read must read it again inside `write`.
 */
export interface Store {
  readonly read: Tx
  /**
   * Runs `work` in a unit of its own and resolves with what it returned once that is durable. Several units may share
   * one commit. What `work` throws undoes this unit alone and is what the promise rejects with. `work` may be undone and
   * run again, when another unit of its commit fails: what it does beside statements must bear that.
   * Rejects with `Refusal` `busy` when too many wait, `log-unavailable` when the disk does not take the commit.
   */
  write<T>(work: (tx: Tx) => T): Promise<T>
  /** Takes no more writes, `log-unavailable`: what stands in the store can no longer be relied upon. */
  distrust(): void
  /** Moves what was overwritten out of the write-ahead log, so that a destroyed envelope does not linger there. */
  maintain(): void
  /** Waits for what was accepted, then lets go of the files. */
  close(): Promise<void>
}
