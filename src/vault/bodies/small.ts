/**
 * Small bodies, kept in the database: written in the commit that acknowledges them, where a file of its own would cost
 * an fsync for its octets and one for each folder that names it. Named by their root, as files are.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Bytes } from '../../crypto/bytes.ts'
import type { Hash } from '../../protocol/ids.ts'
import { SMALL_BODY } from '../../protocol/messages.ts'
import type { Store, Tx } from '../store/store.ts'
import type { Bodies } from './bodies.ts'

/** Keeps one; the same again is one body. `root`: of its one block. */
export function saveSmallBody(tx: Tx, root: Hash, bytes: Bytes): void {
  tx.run('INSERT INTO small_bodies (root, bytes) VALUES (@root, @bytes) ON CONFLICT (root) DO NOTHING', { root, bytes })
}

export function isSmallBody(tx: Tx, root: Hash): boolean {
  return tx.get('SELECT 1 FROM small_bodies WHERE root = @root', { root }) !== undefined
}

/** All of a body; null where it is no small one, or none of that name is there: then it is a file, or lost. */
export function smallBody(tx: Tx, { body, length }: { readonly body: Hash; readonly length: number }): Bytes | null {
  if (length > SMALL_BODY) return null
  const row = tx.get<{ bytes: Bytes }>('SELECT bytes FROM small_bodies WHERE root = @body', { body })
  return row?.bytes.length === length ? row.bytes : null
}

/** Bodies wherever they are: those of `length` up to `SMALL_BODY` may be small ones, all others are files. */
export function readBody(
  { tx, files }: { readonly tx: Tx; readonly files: Pick<Bodies, 'read'> },
  named: { readonly body: Hash; readonly length: number },
  start: number,
  end: number,
): AsyncIterable<Bytes> {
  const small = smallBody(tx, named)
  return small === null ? files.read(named.body, start, end) : once(small.subarray(start, end))
}

/** All there is, in one piece. */
export async function* once(bytes: Bytes): AsyncIterable<Bytes> {
  yield bytes
}

/** Rows looked at in one go, and milliseconds that requests then have the thread to themselves: each look may wait for the disk. */
const STEP = 100
const PAUSE_MS = 20

/**
 * Removes small bodies that nothing names: what uploads that were never deposited left. Beside requests; a body is
 * looked at again in the unit that removes it. Ends at the next step once `signal` is aborted.
 */
export async function collectSmallBodies(store: Pick<Store, 'read' | 'write'>, signal: AbortSignal): Promise<void> {
  for (let after = 0; !signal.aborted; ) {
    const rows = store.read.all<{ id: number; root: Hash }>(
      'SELECT id, root FROM small_bodies WHERE id > @after ORDER BY id LIMIT @limit',
      { after, limit: STEP },
    )
    const last = rows.at(-1)
    if (last === undefined) return
    after = last.id
    const unnamed = rows.filter(
      ({ root }) => store.read.get('SELECT 1 FROM bodies WHERE root = @root', { root }) === undefined,
    )
    for (const row of unnamed) await store.write(tx => removeUnnamed(tx, row))
    if (rows.length === STEP) await sleep(PAUSE_MS)
  }
}

function removeUnnamed(tx: Tx, row: { readonly id: number; readonly root: Hash }): void {
  tx.run(
    `DELETE FROM small_bodies WHERE id = @id
       AND NOT EXISTS (SELECT 1 FROM bodies WHERE root = @root)
       AND NOT EXISTS (SELECT 1 FROM upload_parts WHERE blocks = @root)`,
    row,
  )
}
