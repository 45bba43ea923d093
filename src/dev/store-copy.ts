import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseCheckpoint } from '../log/checkpoint.ts'
import { parseNote } from '../log/note.ts'
import { DevError } from './errors.ts'
import { folder, isThere } from './files.ts'

// Copies of a running host's store, to be tampered with. The store itself is only ever read here.

/** The files of a store that this file knows by name. */
export function storeFiles(store: string): { database: string; log: string; checkpoint: string } {
  return {
    database: join(store, 'store.sqlite'),
    log: join(store, 'log'),
    checkpoint: join(store, 'log', 'checkpoint'),
  }
}

/** Waits until every entry written is in the published tree. Throws `DevError` `not-ready` after 30 s. */
export async function settled(store: string): Promise<void> {
  const { database, checkpoint } = storeFiles(store)
  for (let tries = 0; tries < 300; tries++) {
    const reader = new DatabaseSync(database, { readOnly: true })
    const { entries } = reader.prepare('SELECT COUNT(*) AS entries FROM entries').get() as { entries: number }
    reader.close()
    const size = isThere(checkpoint) ? parseCheckpoint(parseNote(readFileSync(checkpoint, 'utf8')).text).size : 0
    if (size === entries) return
    await sleep(100)
  }
  throw new DevError('The host does not publish its newest entries; see its log', { code: 'not-ready' })
}

/** A copy of the store as it is now, made through the database's own snapshot. Replaces an older copy. */
export async function copyStore(store: string, target: string): Promise<void> {
  rmSync(target, { recursive: true, force: true })
  folder(target)
  await settled(store)
  const { database } = storeFiles(store)
  cpSync(store, target, { recursive: true, filter: source => !source.startsWith(database) })
  const reader = new DatabaseSync(database, { readOnly: true })
  try {
    reader.prepare('VACUUM INTO ?').run(storeFiles(target).database)
  } finally {
    reader.close()
  }
}

/** Changes one byte of a store's database file: one character of the salt of a read's event. Returns its position. */
export function changeOneByte(store: string): number {
  const { database } = storeFiles(store)
  const reader = new DatabaseSync(database, { readOnly: true })
  const row = reader
    .prepare("SELECT event FROM entries WHERE event LIKE '%document.read%' ORDER BY seq LIMIT 1")
    .get() as { event: string } | undefined
  reader.close()
  const salt = row === undefined ? undefined : /"salt":"([A-Za-z0-9_-]{22})"\}$/.exec(row.event)?.[1]
  const bytes = readFileSync(database)
  const position = salt === undefined ? -1 : bytes.indexOf(salt, 0, 'latin1')
  if (position < 0) throw new DevError('This store has no read to tamper with', { code: 'step-failed' })
  bytes[position] = bytes[position] === 0x41 ? 0x42 : 0x41 // A, or B
  writeFileSync(database, bytes)
  return position
}
