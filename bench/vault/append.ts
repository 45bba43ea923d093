import { hash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { randomBytes, toBase64url } from '../../src/crypto/bytes.ts'
import { SigningKey } from '../../src/crypto/sign.ts'
import { NOTHING_SEEN } from '../../src/log/seen.ts'
import type { DeploymentId, DocumentId, Hash, NationalId, RecordId } from '../../src/protocol/ids.ts'
import { type Draft, Journal } from '../../src/vault/journal.ts'
import { openSqlite } from '../../src/vault/store/sqlite.ts'
import { type Figure, perSecond } from '../harness/figure.ts'
import { rival } from '../rivals/packages.ts'

const ENTRIES = 20_000
/** Requests under way at once, and so entries in one commit. */
const AT_ONCE = 256
const RECORDS = 1000
const BASE = 'x'.repeat(700)
const RAW = 'raw SQLite'
/** The same, and what an entry is made of whoever makes it: two salts, its lines put together, three hashes. */
const LIMIT = 'raw SQLite, salts, lines and hashes'

/** Of hypercore 10 only what is called here. */
interface Hypercore {
  ready(): Promise<void>
  append(block: Uint8Array): Promise<unknown>
  close(): Promise<void>
}

export default {
  what: `Entries of signed reads appended a second, durably (FULL), with their nonces, ${AT_ONCE} to a commit, over ${RECORDS} records; against the same rows and indexes put into SQLite with the same settings and nothing else, and against hypercore 10 appending the same entries one by one, ${AT_ONCE} under way (it does not fsync).`,
  unit: '/s',
  cores: 1,
  async *contests() {
    const folder = mkdtempSync(join(tmpdir(), 'coffre-bench-append-'))
    const drafts = Array.from({ length: ENTRIES }, draftOf(Array.from({ length: RECORDS }, () => newId<RecordId>())))
    const rows = await appendAll(join(folder, 'rows'), drafts, readBack)
    const module = await rival<{ default: new (folder: string) => Hypercore }>('hypercore')
    let round = 0
    const next = () => join(folder, `${++round}`)
    yield {
      sides: {
        coffre: perSecond(ENTRIES, () => appendAll(next(), drafts, () => [])),
        [RAW]: perSecond(ENTRIES, () => insertAll(next(), rows)),
        [LIMIT]: perSecond(ENTRIES, () => insertAll(next(), rows, made)),
        'hypercore 10': perSecond(ENTRIES, () => appendToHypercore(new module.default(next()), rows)),
      },
      comparisons: [
        { of: 'coffre', against: RAW, target: { least: 0.7 } },
        { of: 'coffre', against: LIMIT },
        { of: LIMIT, against: RAW },
        { of: RAW, against: 'hypercore 10' },
        { of: 'coffre', against: 'hypercore 10', target: { least: 3 } },
      ],
    }
    rmSync(folder, { recursive: true })
  },
} satisfies Figure

const newId = <T extends string>() => toBase64url(randomBytes(16)) as T
const newHash = () => toBase64url(randomBytes(32)) as Hash

function draftOf(records: readonly RecordId[]) {
  const id = '810000000017' as NationalId
  return (_: unknown, i: number): Draft => {
    const key = newHash()
    return {
      chain: records[(i * 7919) % records.length] as RecordId,
      actor: { kind: 'professional', id, key },
      action: 'document.read',
      object: { document: newId<DocumentId>() },
      outcome: 'ok',
      grant: newHash(),
      state: newHash(),
      request: {
        caller: { kind: 'professional', id, key, acting: null },
        keyId: `key:${key}`,
        nonce: newId(),
        base: BASE,
        signature: toBase64url(randomBytes(64)),
        seen: NOTHING_SEEN,
        session: null,
        at: new Date(),
      },
    }
  }
}

type Row = readonly (string | number)[]
/** An entry's row and its nonce's. */
interface Rows {
  readonly entry: Row
  readonly nonce: Row
}

async function appendAll<T>(folder: string, drafts: readonly Draft[], then: (database: string) => T): Promise<T> {
  const database = `${folder}.sqlite`
  const store = openSqlite(database)
  const journal = new Journal({
    deployment: newId<DeploymentId>(),
    hostKey: SigningKey.generate(),
    clock: () => new Date(),
  })
  let next = 0
  const client = async () => {
    while (next < drafts.length) {
      const draft = drafts[next++] as Draft
      await store.write(tx => journal.append(tx, draft))
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, client))
  const result = then(database)
  await store.close()
  return result
}

function readBack(file: string): Rows[] {
  const database = new Database(file, { readonly: true })
  const entries = database.prepare('SELECT seq, chain, n, t, hash, link, event FROM entries ORDER BY seq').raw().all()
  const nonces = database.prepare('SELECT key, nonce, expires FROM nonces').raw().all() as Row[]
  database.close()
  return (entries as Row[]).map((entry, i) => ({ entry, nonce: nonces[i] as Row }))
}

/** The store's own tables and settings, and no work but the inserts. */
async function insertAll(
  folder: string,
  rows: readonly Rows[],
  made: (entry: Row) => Row = entry => entry,
): Promise<void> {
  const file = `${folder}.sqlite`
  await openSqlite(file).close()
  const database = new Database(file)
  for (const pragma of [
    'journal_mode = WAL',
    'synchronous = FULL',
    'secure_delete = ON',
    'wal_autocheckpoint = 8192',
    'cache_size = -65536',
    'temp_store = MEMORY',
  ]) {
    database.pragma(pragma)
  }
  const insertEntry = database.prepare('INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?)')
  const insertNonce = database.prepare('INSERT INTO nonces VALUES (?, ?, ?)')
  const insert = database.transaction((batch: readonly Rows[]) => {
    for (const { entry, nonce } of batch) {
      insertEntry.run(...made(entry))
      insertNonce.run(...nonce)
    }
  })
  for (let i = 0; i < rows.length; i += AT_ONCE) insert.immediate(rows.slice(i, i + AT_ONCE))
  database.close()
}

const hashed = new Uint8Array(4 + 'coffre/v1/entry'.length + 2 * (4 + 32))
let drawn = Buffer.alloc(0)

/** An entry as it is, after lines of its length were put together, salted and hashed as any writer of it must. */
function made(row: Row): Row {
  const [, chain, n, t, own] = row
  if (drawn.length < 32) drawn = Buffer.from(randomBytes(256 * 32))
  const salts = [drawn.toString('base64url', 0, 16), drawn.toString('base64url', 16, 32)]
  drawn = drawn.subarray(32)
  hash('sha256', `{"v":1,"record":"${chain}","n":${n},"prev":"${own}","salt":"${salts[0]}"}`, 'latin1')
  const actor = JSON.stringify({ kind: 'professional', id: '810000000017', key: own })
  const asked = `{"base":${JSON.stringify(BASE)},"signature":"${own}${own}"}`
  const act = `"action":"document.read","object":${JSON.stringify({ document: chain })},"outcome":"ok"`
  const rest = `"grant":"${own}","state":"${own}","request":${asked},"salt":"${salts[1]}"}`
  hash('sha256', `{"t":"${t}","actor":${actor},${act},${rest}`, 'latin1')
  hash('sha256', hashed, 'base64url')
  return row
}

async function appendToHypercore(core: Hypercore, rows: readonly Rows[]): Promise<void> {
  await core.ready()
  const blocks = rows.map(({ entry }) => Buffer.from(`${entry[5]}\n${entry[6]}\n`))
  // Each request brings its own entry, here as there.
  for (let i = 0; i < blocks.length; i += AT_ONCE) {
    await Promise.all(blocks.slice(i, i + AT_ONCE).map(block => core.append(block)))
  }
  await core.close()
}
