/**
 * The log for somebody else's eyes, as a folder that reads like a store: `entries/` with the entries' lines,
 * `store.sqlite` with where each entry stands and every other `audit_…` view as a table, `log/` with the published
 * checkpoint and its tiles. No INS, no ciphertext, no contact: what the views do not show is not there.
 *
 * One snapshot of the database, taken after the checkpoint was read, so that all it speaks of is in it; a host may go
 * on writing. Memory does not grow with the log.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { copyFile, mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import { parseCheckpoint } from '../../log/checkpoint.ts'
import { ENTRIES_IN_FILE, entryFilePath, type FiledEntry, formatEntryFile } from '../../log/entry-files.ts'
import { parseNote } from '../../log/note.ts'
import { tilesOf } from '../../log/tiles.ts'
import { VaultError } from '../errors.ts'

/** Entries between two looks at how far it has come: whole files. */
const STRIDE = 64 * ENTRIES_IN_FILE

// Nothing is UNIQUE: a store that somebody tampered with is exported as it is.
const ENTRIES = `
  CREATE TABLE entries (seq INTEGER PRIMARY KEY, chain TEXT NOT NULL, n INTEGER NOT NULL, hash TEXT NOT NULL) STRICT;
`
const ENTRY_INDEXES = `
  CREATE INDEX entries_by_hash ON entries (hash);
  CREATE INDEX entries_by_chain ON entries (chain, n);
`

export interface LogExportOptions {
  /** The store's folder. */
  readonly from: string
  /** Made; it must not exist. Removed again when the export fails. */
  readonly to: string
  readonly onProgress: (done: number, total: number) => void
}

/** What was written. */
export interface ExportedLog {
  readonly entries: number
  /** Leaves of the published tree whose tiles are there; 0 before the first checkpoint. */
  readonly treeSize: number
  /** Rows of each kind of statement, and revocation lists. */
  readonly statements: Readonly<Record<string, number>>
}

/** Exports the log. Throws `VaultError` `export-exists`, `store-open`, `tile-missing`. */
export async function exportLog({ from, to, onProgress }: LogExportOptions): Promise<ExportedLog> {
  const database = join(from, 'store.sqlite')
  if (!existsSync(database)) {
    throw new VaultError(`There is no store in ${from}: start the host once, or name another`, { code: 'store-open' })
  }
  try {
    mkdirSync(to, { mode: 0o700 })
  } catch (cause) {
    throw new VaultError(`${to} exists, or cannot be made: name a new folder in one that exists`, {
      code: 'export-exists',
      cause,
    })
  }
  try {
    const checkpoint = join(from, 'log', 'checkpoint')
    const note = existsSync(checkpoint) ? readFileSync(checkpoint, 'utf8') : null
    const copied = copyTables(database, to, onProgress)
    const treeSize = note === null ? 0 : parseCheckpoint(parseNote(note).text).size
    await copyTiles({ from: join(from, 'log'), to: join(to, 'log'), treeSize })
    if (note !== null) await copyFile(checkpoint, join(to, 'log', 'checkpoint'))
    return { ...copied, treeSize }
  } catch (error) {
    rmSync(to, { recursive: true, force: true })
    throw error
  }
}

function copyTables(
  from: string,
  to: string,
  onProgress: LogExportOptions['onProgress'],
): Omit<ExportedLog, 'treeSize'> {
  const database = new Database(join(to, 'store.sqlite'))
  try {
    // A file of its own that is thrown away when it is not finished: no journal.
    database.pragma('journal_mode = OFF')
    database.pragma('cache_size = -65536')
    database.prepare('ATTACH @from AS store').run({ from })
    database.exec('BEGIN')
    database.exec(ENTRIES)
    const entries = copyEntries(database, to, onProgress)
    database.exec(ENTRY_INDEXES)
    const statements: Record<string, number> = {}
    const views = database
      .prepare(`SELECT name FROM store.sqlite_schema WHERE type = 'view' AND name LIKE 'audit\\_%' ESCAPE '\\'`)
      .pluck()
      .all() as string[]
    for (const view of views.filter(name => name !== 'audit_entries')) {
      database.exec(`CREATE TABLE main.${view} AS SELECT * FROM store.${view}`)
      const columns = database.pragma(`main.table_info(${view})`) as { name: string }[]
      const key = columns.find(({ name }) => name === 'hash' || name === 'size')?.name
      if (key !== undefined) database.exec(`CREATE INDEX main.${view}_by_${key} ON ${view} (${key})`)
      const count = database.prepare(`SELECT COUNT(*) FROM main.${view}`).pluck().get() as number
      statements[view.slice('audit_'.length)] = count
    }
    database.exec('COMMIT')
    return { entries, statements }
  } finally {
    database.close()
  }
}

function copyEntries(database: Database.Database, to: string, onProgress: LogExportOptions['onProgress']): number {
  mkdirSync(join(to, 'entries'), { mode: 0o700 })
  const last = database.prepare('SELECT MAX(seq) FROM store.entries').pluck().get() as number | null
  const file = database.prepare(
    'SELECT seq, hash, link, event FROM store.entries WHERE seq >= ? AND seq < ? ORDER BY seq',
  )
  const place = database.prepare(
    'INSERT INTO main.entries SELECT seq, chain, n, hash FROM store.entries WHERE seq >= ? AND seq < ?',
  )
  let copied = 0
  for (let seq = 0; last !== null && seq <= last; seq += STRIDE) {
    const end = Math.min(seq + STRIDE, last + 1)
    for (let first = seq; first < end; first += ENTRIES_IN_FILE) {
      const entries = file.all(first, first + ENTRIES_IN_FILE) as FiledEntry[]
      const path = join(to, entryFilePath(first))
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
      writeFileSync(path, formatEntryFile(first, entries))
    }
    copied += place.run(seq, end).changes
    onProgress(end, last + 1)
  }
  return copied
}

async function copyTiles({ from, to, treeSize }: { from: string; to: string; treeSize: number }): Promise<void> {
  await mkdir(to, { mode: 0o700 })
  let made = ''
  for (const path of tilesOf(treeSize)) {
    const target = join(to, path)
    if (dirname(target) !== made) {
      made = dirname(target)
      await mkdir(made, { recursive: true })
    }
    try {
      await copyFile(join(from, path), target)
    } catch (cause) {
      throw new VaultError(`The log’s ${path} cannot be read: an auditor needs it; restore it from a backup`, {
        code: 'tile-missing',
        cause,
      })
    }
  }
}
