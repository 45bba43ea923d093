import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fromBase64url, toBase64url } from '../crypto/bytes.ts'
import { type LogSigner, parseCheckpoint, signCheckpoint } from '../log/checkpoint.ts'
import { type Cosigner, cosign } from '../log/cosignature.ts'
import { entryHash, type ParsedEntry, parseEntry, writeEntry } from '../log/entry.ts'
import { formatNote, parseNote } from '../log/note.ts'
import { NOTHING_SEEN } from '../log/seen.ts'
import { TileBuilder } from '../log/tile-builder.ts'
import type { Event } from '../protocol/entry.ts'
import type { Hash, RecordId } from '../protocol/ids.ts'
import { DevError } from './errors.ts'
import { put } from './files.ts'

// What a dishonest host could do with every key in its hand, its witnesses' too: put an entry where none was and make
// all of the log agree with it again. Nothing of the mathematics breaks; what an auditor finds is that the act had no
// right behind it. For copies of a store only.

/** A copy of a store, and the keys that sign its log. */
export interface ForgeableStore {
  /** The database. */
  readonly database: string
  /** The folder with `checkpoint` and `tile/`. */
  readonly tiles: string
  readonly log: LogSigner
  readonly witnesses: readonly Cosigner[]
}

/** Where the new entry goes, and what stands before it. */
export interface Place {
  /** The entry before, in the same chain. */
  readonly previous: ParsedEntry
  /** The newest checkpoint before it: what an honest client could have seen by then. */
  readonly tree: { readonly size: number; readonly root: Hash }
}

/** What the forger writes: an event that fits the place. */
export type WriteEvent = (place: Place) => Promise<Omit<Event, 'salt'>> | Omit<Event, 'salt'>

/** Tables whose `entry` names an entry by its hash. */
const NAMING_TABLES = ['registrations', 'states', 'documents'] as const

interface Row {
  readonly seq: number
  readonly chain: string
  readonly n: number
  readonly t: string
  readonly hash: Hash
  readonly link: string
  readonly event: string
}

/**
 * Inserts an entry just before the last one of a record's chain: the rest is chained anew, the tree built anew, tiles
 * written, every later checkpoint signed again by the log and both witnesses. Returns the forged entry.
 */
export async function insertEntry(store: ForgeableStore, record: RecordId, write: WriteEvent): Promise<ParsedEntry> {
  const database = new DatabaseSync(store.database)
  try {
    const rows = database
      .prepare('SELECT seq, chain, n, t, hash, link, event FROM entries ORDER BY seq')
      .all() as unknown as Row[]
    const at = rows.findLastIndex(row => row.chain === record)
    const before = rows.slice(0, at).findLast(row => row.chain === record)
    if (before === undefined) throw new DevError('This record has no chain to insert into', { code: 'step-failed' })
    const previous = parseEntry(before)
    const tree = newestTree(database, at)
    const forged = writeEntry(
      { record, n: previous.parsed.link.n + 1, prev: previous.hash },
      await write({ previous, tree }),
    )
    const { n } = forged.parsed.link
    const { t } = forged.parsed.event
    const inserted: Row = { seq: at, chain: record, n, t, hash: forged.hash, link: forged.link, event: forged.event }
    const rest = chainAnew(rows.slice(at), inserted)
    database.exec('BEGIN')
    replaceEntries(database, at, { inserted, rest, old: rows.slice(at) })
    await resign(database, store, { entries: [...rows.slice(0, at), inserted, ...rest], from: at })
    database.exec('COMMIT')
    return forged
  } finally {
    database.close()
  }
}

/** The newest tree that was signed when it had at most so many leaves. */
function newestTree(database: DatabaseSync, size: number): Place['tree'] {
  const row = database
    .prepare('SELECT size, root FROM checkpoints WHERE size <= ? ORDER BY size DESC LIMIT 1')
    .get(size)
  return (row as Place['tree'] | undefined) ?? NOTHING_SEEN.tree
}

/** The entries after an inserted one: one place later, those of its chain with new number and predecessor. */
function chainAnew(rows: readonly Row[], inserted: Row): Row[] {
  let head = inserted
  return rows.map(row => {
    const seq = row.seq + 1
    if (row.chain !== inserted.chain) return { ...row, seq }
    const link = JSON.stringify({ ...JSON.parse(row.link), n: head.n + 1, prev: head.hash })
    head = { ...row, seq, n: head.n + 1, link, hash: entryHash({ link, event: row.event }) }
    return head
  })
}

function replaceEntries(
  database: DatabaseSync,
  from: number,
  { inserted, rest, old }: { inserted: Row; rest: readonly Row[]; old: readonly Row[] },
): void {
  database.prepare('DELETE FROM entries WHERE seq >= ?').run(from)
  const insert = database.prepare(
    'INSERT INTO entries (seq, chain, n, t, hash, link, event) VALUES (?, ?, ?, ?, ?, ?, ?)',
  )
  for (const { seq, chain, n, t, hash, link, event } of [inserted, ...rest]) {
    insert.run(seq, chain, n, t, hash, link, event)
  }
  const named = NAMING_TABLES.map(table => database.prepare(`UPDATE ${table} SET entry = ? WHERE entry = ?`))
  const moved = database.prepare('UPDATE documents SET position = ? WHERE entry = ?')
  for (const [i, row] of rest.entries()) {
    for (const follow of named) follow.run(row.hash, old[i]?.hash ?? '')
    moved.run(row.seq, row.hash)
  }
}

/** Tiles of the whole log, and each checkpoint above `from` signed again one leaf larger. */
async function resign(
  database: DatabaseSync,
  { tiles, log, witnesses }: ForgeableStore,
  { entries, from }: { entries: readonly Row[]; from: number },
): Promise<void> {
  const sizes = database.prepare('SELECT size FROM checkpoints WHERE size > ? ORDER BY size').all(from) as {
    size: number
  }[]
  const due = new Set([...sizes.map(({ size }) => size + 1), entries.length])
  database.prepare('DELETE FROM checkpoints WHERE size > ?').run(from)
  const insert = database.prepare('INSERT INTO checkpoints (size, root, signed, published) VALUES (?, ?, ?, 1)')
  const builder = TileBuilder.empty()
  const time = Math.floor(Date.now() / 1000)
  let signed = ''
  for (const { hash } of entries) {
    builder.append(fromBase64url(hash))
    if (builder.size <= from || !due.has(builder.size)) continue
    const root = builder.root()
    signed = cosignAll(signCheckpoint({ size: builder.size, root }, log, time), witnesses, time)
    insert.run(builder.size, toBase64url(root), signed)
  }
  rmSync(join(tiles, 'tile'), { recursive: true, force: true })
  for (const { path, bytes } of builder.take()) put(join(tiles, path), bytes)
  put(join(tiles, 'checkpoint'), signed)
}

/** The checkpoint with the cosignatures of all witnesses, as if each had been asked. */
function cosignAll(signed: string, witnesses: readonly Cosigner[], time: number): string {
  const { text, signatures } = parseNote(signed)
  const { origin, size, root } = parseCheckpoint(text)
  const cosigned = witnesses.flatMap(witness => cosign({ text, origin, size, root }, witness, time))
  return formatNote({ text, signatures: [...signatures, ...cosigned] })
}
