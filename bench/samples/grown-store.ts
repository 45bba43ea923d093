/**
 * Fills a store with records, documents and entries as many and as long as they would be, and where they would fall in the
 * indexes. The host serves them to one doctor; an auditor would not pass them, for nobody signed what they say:
 * `make-store.ts` makes stores that verify.
 */
import { createHash, randomFillSync } from 'node:crypto'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { fromBase64url, toBase64url } from '../../src/crypto/bytes.ts'
import { type LogSigner, signCheckpoint } from '../../src/log/checkpoint.ts'
import { TileBuilder } from '../../src/log/tile-builder.ts'
import type { CompartmentId, DocumentId, Hash, RecordId } from '../../src/protocol/ids.ts'
import { TileFiles } from '../../src/vault/tile-files.ts'

/** How much to add, and for whom. */
export interface Growth {
  readonly records: number
  readonly entries: number
  /** National id of the doctor who has a grant in each. */
  readonly reader: string
  readonly compartment: CompartmentId
  readonly signer: LogSigner
}

/** One of them. */
export interface GrownRecord {
  readonly record: RecordId
  readonly document: DocumentId
  readonly state: Hash
}

/** Rows to a transaction. */
const STEP = 20_000
/** Bytes of a body: what stands around it is what is measured. */
const BODY = 512
/** Handed out: spread evenly over all. */
const HANDED = 4096

/** Adds to the closed store in `folder`. Gives some of the records. */
export async function growStore(folder: string, growth: Growth): Promise<readonly GrownRecord[]> {
  const database = new Database(join(folder, 'store.sqlite'))
  // Made once and thrown away: nothing here needs to be durable before the end.
  for (const pragma of ['journal_mode = WAL', 'synchronous = OFF', 'cache_size = -2000000']) database.pragma(pragma)
  const handed = fill(database, growth)
  await growTree(database, new TileFiles(join(folder, 'log')), growth.signer)
  database.exec('UPDATE body_total SET bytes = (SELECT COALESCE(SUM(length), 0) FROM bodies)')
  database.pragma('wal_checkpoint(TRUNCATE)')
  database.close()
  return handed
}

function fill(database: Database.Database, { records, entries, reader, compartment }: Growth): GrownRecord[] {
  const perRecord = Math.max(1, Math.round(entries / records))
  const sample = samplesOf(database)
  const insert = insertsOf(database)
  const highest = (table: string, column: string) =>
    database.prepare(`SELECT COALESCE(MAX(${column}), -1) FROM ${table}`).pluck().get() as number
  let seq = highest('entries', 'seq') + 1
  let position = highest('records', 'position') + 1
  const handed: GrownRecord[] = []
  const every = Math.max(1, Math.floor(records / HANDED))
  const addOne = () => {
    const [record, document, state, grant, root] = [id(16), id(16), id(32), id(32), id(32)]
    const at = new Date(Date.now() - 86_400_000).toISOString()
    insert.record.run(record, position, `9${`${position}`.padStart(21, '0')}`, id(32), id(32), at)
    const sets = JSON.stringify({ ...JSON.parse(sample.sets), grants: [grant] })
    insert.state.run(state, record, 0, sample.state, sets, id(32))
    insert.grant.run(grant, record, 'professional', reader, sample.grant, sample.seals)
    insert.epoch.run(record, compartment)
    insert.body.run(root, BODY, root)
    insert.small.run(root, Buffer.alloc(BODY, position))
    const { deposit, manifest, envelope } = sample
    insert.document.run(record, document, seq, deposit, id(32), id(32), compartment, manifest, envelope, root, BODY)
    for (let n = 0; n < perRecord; n++) insert.entry.run(seq++, record, n, at, id(32), sample.link, sample.event)
    if (position++ % every === 0) handed.push({ record, document, state } as GrownRecord)
  }
  const addMany = database.transaction((count: number) => {
    for (let i = 0; i < count; i++) addOne()
  })
  for (let made = 0; made < records; made += STEP) addMany(Math.min(STEP, records - made))
  return handed
}

/** The tree over all entries, signed: the host goes on from there. */
async function growTree(database: Database.Database, tiles: TileFiles, signer: LogSigner): Promise<void> {
  const { size, root } = database.prepare('SELECT size, root FROM checkpoints ORDER BY size DESC LIMIT 1').get() as {
    size: number
    root: string
  }
  const builder = await TileBuilder.resume({ size, root: fromBase64url(root) }, path => tiles.fetch(path))
  const leaves = database.prepare('SELECT hash FROM entries WHERE seq >= ? ORDER BY seq LIMIT 65536').pluck()
  for (;;) {
    const hashes = leaves.all(builder.size) as string[]
    if (hashes.length === 0) break
    for (const hash of hashes) builder.append(fromBase64url(hash))
    await tiles.store(builder.take())
  }
  const tree = { size: builder.size, root: builder.root() }
  const signed = signCheckpoint(tree, signer, Math.floor(Date.now() / 1000))
  database
    .prepare('INSERT INTO checkpoints (size, root, signed, published) VALUES (?, ?, ?, 1)')
    .run(tree.size, toBase64url(tree.root), signed)
}

function insertsOf(database: Database.Database) {
  return {
    record: database.prepare('INSERT INTO records VALUES (?, ?, ?, ?, ?, ?)'),
    state: database.prepare('INSERT INTO states VALUES (?, ?, ?, ?, ?, ?)'),
    grant: database.prepare('INSERT INTO grants VALUES (?, ?, ?, ?, ?, ?, 1)'),
    epoch: database.prepare("INSERT INTO epochs VALUES (?, ?, 0, '', NULL)"),
    entry: database.prepare('INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?)'),
    body: database.prepare('INSERT INTO bodies (root, length, blocks) VALUES (?, ?, ?)'),
    small: database.prepare('INSERT INTO small_bodies (root, bytes) VALUES (?, ?)'),
    document: database.prepare(
      `INSERT INTO documents
         (record, document, position, deposit, deposit_hash, entry, compartment, manifest, envelope, body, length)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
  }
}

type Sample = 'state' | 'sets' | 'grant' | 'seals' | 'deposit' | 'manifest' | 'envelope' | 'link' | 'event'

/** Texts of the lengths that such rows have: those of rows that are there. */
function samplesOf(database: Database.Database): Readonly<Record<Sample, string>> {
  const one = (sql: string) => database.prepare(sql).get() as Record<string, string>
  return {
    ...one('SELECT statement AS state, sets FROM states ORDER BY seq DESC LIMIT 1'),
    ...one('SELECT statement AS "grant", seals FROM grants LIMIT 1'),
    ...one('SELECT deposit, manifest, envelope FROM documents LIMIT 1'),
    ...one("SELECT link, event FROM entries WHERE event LIKE '%document.list%' ORDER BY seq DESC LIMIT 1"),
  } as Record<Sample, string>
}

let counter = 0
const seed = randomFillSync(Buffer.alloc(16))

/** A new id of so many bytes, base64url: hashes, which are had quicker than random bytes and fall as evenly. */
function id(bytes: 16 | 32): string {
  seed.writeUInt32LE(counter++, 0)
  return createHash('sha256').update(seed).digest().subarray(0, bytes).toString('base64url')
}
