/**
 * Room on the disk. Documents stop before it is full: what they leave free is for the log, without whose entries nothing
 * can be read, masked, withdrawn or revoked.
 */
import { statfsSync } from 'node:fs'
import { Refusal } from './errors.ts'
import type { Tx } from './store/store.ts'

/** What documents may take of it, bytes. */
export interface RoomBounds {
  /** Left free on the file system, whatever else fills it. */
  readonly reserve: number
  /** Of all bodies together; null for no bound but the disk's. */
  readonly quota: number | null
}

/** A day's log of a busy host, and some more. */
export const DEFAULT_ROOM: RoomBounds = { reserve: 256 * 1024 ** 2, quota: null }

export class Room {
  readonly #folder: string
  readonly #bounds: RoomBounds
  readonly #onFull: () => void
  #isFull = false

  /** `onFull` is told when documents begin to be refused, and not again before there was room. */
  constructor({ folder, bounds, onFull }: { folder: string; bounds: RoomBounds; onFull: () => void }) {
    this.#folder = folder
    this.#bounds = bounds
    this.#onFull = onFull
  }

  /** Throws `Refusal` `store-full` unless there is room for `bytes` more of a body. */
  require(tx: Tx, bytes: number): void {
    const { reserve, quota } = this.#bounds
    const { bavail, bsize } = statfsSync(this.#folder)
    const isFull = bavail * bsize - bytes < reserve || (quota !== null && keptBytes(tx) + bytes > quota)
    if (isFull && !this.#isFull) this.#onFull()
    this.#isFull = isFull
    if (isFull) throw new Refusal('store-full', 'This host has no room for more documents now; what is here stays')
  }
}

/** Bytes of all bodies. */
function keptBytes(tx: Tx): number {
  return tx.get<{ bytes: number }>('SELECT bytes FROM body_total')?.bytes ?? 0
}

/** Counts a body, in the unit that names it first; below 0 where it is let go of. */
export function countBody(tx: Tx, bytes: number): void {
  tx.run('UPDATE body_total SET bytes = bytes + @bytes', { bytes })
}
