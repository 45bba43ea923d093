/**
 * A copy of a store that a host may be running on, and a store made from one. In this order: the published checkpoint, then
 * one snapshot of the database (so all that the checkpoint speaks of is in it), then tiles and bodies, which never change
 * under their names. What is uploaded and not deposited is left out.
 */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { copyFile, mkdir, open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import { fromBase64url, toBase64url } from '../../crypto/bytes.ts'
import { parseCheckpoint } from '../../log/checkpoint.ts'
import { parseNote } from '../../log/note.ts'
import { tilesOf } from '../../log/tiles.ts'
import { leafHash, TreeHead } from '../../log/tree.ts'
import { syncFolder } from '../durable.ts'
import { VaultError } from '../errors.ts'

/** Pages of the database copied at a time; the host writes in between. */
const PAGES = 2_000

export interface CopyOptions {
  readonly from: string
  /** Made; it must not exist. Removed again when the copy fails. */
  readonly to: string
  readonly onProgress: (done: number, total: number) => void
}

/** What a copy holds. */
export interface CopiedStore {
  readonly entries: number
  /** Leaves of the published tree. */
  readonly treeSize: number
  readonly bodies: number
}

/** Copies a store. Throws `VaultError` `store-open`, `backup-exists`, `backup-incomplete` (a file that it names is not there). */
export async function copyStore({ from, to, onProgress }: CopyOptions): Promise<CopiedStore> {
  const database = join(from, 'store.sqlite')
  if (!existsSync(database)) throw new VaultError(`There is no store in ${from}`, { code: 'store-open' })
  try {
    mkdirSync(to, { mode: 0o700 })
  } catch (cause) {
    throw new VaultError(`${to} exists, or cannot be made: name a new folder in one that exists`, {
      code: 'backup-exists',
      cause,
    })
  }
  try {
    return await copyInto({ from, to, onProgress })
  } catch (error) {
    rmSync(to, { recursive: true, force: true })
    throw error
  }
}

async function copyInto({ from, to, onProgress }: CopyOptions): Promise<CopiedStore> {
  const checkpoint = join(from, 'log', 'checkpoint')
  const note = existsSync(checkpoint) ? readFileSync(checkpoint) : null
  await snapshot(join(from, 'store.sqlite'), join(to, 'store.sqlite'))
  const copy = new Database(join(to, 'store.sqlite'), { readonly: true })
  try {
    const { bodies, roots } = bodiesOf(copy)
    const treeSize = note === null ? 0 : parseCheckpoint(parseNote(note.toString('utf8')).text).size
    const files = [
      ...[...tilesOf(treeSize)].map(path => join('log', path)),
      ...roots.map(root => join('bodies', root.slice(0, 2), root)),
    ]
    const made = new Set<string>([to])
    for (const [i, path] of files.entries()) {
      await copyDurably({ from: join(from, path), to: join(to, path), made })
      if (i % 100 === 0) onProgress(i, files.length)
    }
    if (note !== null) await copyDurably({ from: checkpoint, to: join(to, 'log', 'checkpoint'), made })
    for (const folder of made) await syncFolder(folder)
    onProgress(files.length, files.length)
    return { entries: entriesOf(copy), treeSize, bodies }
  } finally {
    copy.close()
  }
}

/** How many bodies a store has, and the roots of those that are files: small ones are in the database itself. */
function bodiesOf(copy: Database.Database): { bodies: number; roots: string[] } {
  const bodies = copy.prepare('SELECT COUNT(*) FROM bodies').pluck().get() as number
  // A store of an earlier version, which no host has opened since, has all of them as files.
  const hasSmall = copy.prepare(`SELECT 1 FROM sqlite_schema WHERE name = 'small_bodies'`).get() !== undefined
  const inFiles = hasSmall ? 'WHERE root NOT IN (SELECT root FROM small_bodies)' : ''
  return { bodies, roots: copy.prepare(`SELECT root FROM bodies ${inFiles}`).pluck().all() as string[] }
}

/** SQLite's online backup: one moment of the database, whatever is written meanwhile. */
async function snapshot(from: string, to: string): Promise<void> {
  const source = new Database(from, { readonly: true })
  try {
    await source.backup(to, { progress: () => PAGES })
  } finally {
    source.close()
  }
  const copy = await open(to, 'r+')
  await copy.chmod(0o600)
  await copy.sync()
  await copy.close()
}

async function copyDurably({ from, to, made }: { from: string; to: string; made: Set<string> }): Promise<void> {
  for (let folder = dirname(to); !made.has(folder); folder = dirname(folder)) {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    made.add(folder)
  }
  try {
    await copyFile(from, to)
  } catch (cause) {
    throw new VaultError(`${from} cannot be copied, and the store names it: make room, or look at it with host check`, {
      code: 'backup-incomplete',
      cause,
    })
  }
  const file = await open(to, 'r+')
  await file.sync()
  await file.close()
}

/** What a checkpoint that somebody keeps says of a store. */
export interface KnownTree {
  readonly size: number
  readonly root: Uint8Array
}

/**
 * Looks whether a store is whole and holds all that a checkpoint speaks of: an older one must not be served, or everybody
 * who saw the newer would rightly call its host a liar. Throws `VaultError` `restore-damaged`, `restore-older`, `restore-other`.
 */
export function checkCopy(folder: string, known: KnownTree | null): void {
  const database = new Database(join(folder, 'store.sqlite'), { readonly: true })
  try {
    if (database.pragma('integrity_check', { simple: true }) !== 'ok') {
      throw new VaultError('The database of this backup is damaged: take another', { code: 'restore-damaged' })
    }
    if (known === null) return
    if (entriesOf(database) < known.size) {
      throw new VaultError('This backup is older than the checkpoint: entries that somebody saw are not in it', {
        code: 'restore-older',
      })
    }
    const tree = new TreeHead()
    const hashes = database.prepare('SELECT hash FROM entries WHERE seq < ? ORDER BY seq').pluck().iterate(known.size)
    for (const hash of hashes) {
      tree.append(leafHash(fromBase64url(hash as string)))
    }
    if (toBase64url(tree.root()) !== toBase64url(known.root)) {
      throw new VaultError('This backup is of another log than the checkpoint', { code: 'restore-other' })
    }
  } finally {
    database.close()
  }
}

const entriesOf = (database: Database.Database): number =>
  database.prepare('SELECT COALESCE(MAX(seq), -1) + 1 FROM entries').pluck().get() as number
