import { closeSync, createReadStream, existsSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import Database from 'better-sqlite3'
import { type Bytes, fromBase64 } from '../../crypto/bytes.ts'
import { CoffreError } from '../../crypto/errors.ts'
import {
  type AuditSource,
  SourceError,
  type StatementName,
  type StoredCheckpoint,
  type StoredCrl,
  type StoredEntry,
  type StoredParts,
  type StoredText,
} from '../../log/audit/source.ts'
import { parseTilePath } from '../../log/tiles.ts'
import { EntryFiles } from './entry-files.ts'
import { EntryInBytes } from './entry-lines.ts'

/** Where each kind of statement stands, and the record it is filed under. */
const VIEWS: Readonly<Record<StatementName, { readonly view: string; readonly record: string }>> = {
  registration: { view: 'audit_registrations', record: 'NULL' },
  identity: { view: 'audit_identities', record: 'record' },
  activation: { view: 'audit_activations', record: 'record' },
  key: { view: 'audit_keys', record: 'NULL' },
  withdrawal: { view: 'audit_withdrawals', record: 'NULL' },
  state: { view: 'audit_states', record: 'record' },
  grant: { view: 'audit_grants', record: 'record' },
  placement: { view: 'audit_placements', record: 'record' },
  deposit: { view: 'audit_deposits', record: 'record' },
  delegation: { view: 'audit_delegations', record: 'record' },
  handover: { view: 'audit_handovers', record: 'record' },
  recovery: { view: 'audit_recoveries', record: 'record' },
  erasure: { view: 'audit_erasures', record: 'NULL' },
}
/** A host that offers none of these has no place for them. */
const OFFERED: readonly StatementName[] = ['withdrawal', 'delegation', 'handover', 'recovery', 'erasure']

const ENTRY = 'SELECT seq, chain, link, event, hash FROM entries'
const RANGE = `${ENTRY} WHERE seq >= ? AND seq < ?`
/** The same chains as `takes` says; unused columns of other rows are not read. */
const IN_PART = "COALESCE((unicode(chain) * 31 + unicode(substr(chain, 6, 1))) % ?, 0) = ? OR chain = 'system'"

/** A host's store, read as an auditor reads it: the `audit_…` views, the public log, and ciphertext when asked for. */
export interface StoreSource extends AuditSource {
  close(): void
}

/**
 * Opens a store folder for reading alone, as it is at this moment: a host may go on writing. Throws `SourceError` when
 * it cannot be read.
 */
export function openStoreSource(folder: string, options: { readonly bodies: boolean }): StoreSource {
  // The checkpoint first: what it speaks of is in every snapshot taken after it.
  const published = readIfThere(join(folder, 'log', 'checkpoint'))?.toString('utf8') ?? null
  const store = new StoreReader(join(folder, 'store.sqlite'))
  const absent = new Set(OFFERED.filter(kind => !store.has(VIEWS[kind].view)))
  const source: StoreSource = {
    published: () => published,
    size: () => store.one<{ size: number }>('SELECT COALESCE(MAX(seq), -1) + 1 AS size FROM entries')?.size ?? 0,
    ...(existsSync(join(folder, 'entries')) ? entriesInFiles(store, folder) : entriesInRows(store)),
    checkpoints: () => store.each<StoredCheckpoint>('SELECT size, root, signed FROM audit_checkpoints ORDER BY size'),
    checkpointOf: size =>
      store.one<StoredCheckpoint>('SELECT size, root, signed FROM audit_checkpoints WHERE size = ?', size),
    tile: path => (parseTilePath(path) === null ? null : readIfThere(join(folder, 'log', path))),
    statement: (kind, hash) => {
      if (absent.has(kind)) return null
      const { view } = VIEWS[kind]
      return store.one<{ statement: string }>(`SELECT statement FROM ${view} WHERE hash = ?`, hash)?.statement ?? null
    },
    sets: state => store.one<{ sets: string }>('SELECT sets FROM audit_states WHERE hash = ?', state)?.sets ?? null,
    statements: kind => {
      if (absent.has(kind)) return nothing()
      const { view, record } = VIEWS[kind]
      const order = kind === 'state' ? 'ORDER BY record, seq' : ''
      return store.each<StoredText>(`SELECT hash, statement, ${record} AS record FROM ${view} ${order}`)
    },
    crls: () => lists(store),
    close: () => store.close(),
  }
  // An export for auditors has no documents.
  if (!options.bodies || !store.has('documents')) return source
  return {
    ...source,
    documentCount: () => store.count('documents'),
    documents: () => documents(store, folder),
  }
}

type EntrySource = Pick<AuditSource, 'entries' | 'entryAt' | 'entryByHash' | 'hasPassed'>

type StoredRow = StoredEntry & { readonly hash: string }

/** A host's own store. */
function entriesInRows(store: StoreReader): EntrySource {
  return {
    entries: ({ from, to, part: { index, of } }) =>
      (of === 1
        ? store.all<StoredRow>(`${RANGE} ORDER BY seq`, from, to)
        : store.all<StoredRow>(`${RANGE} AND (${IN_PART}) ORDER BY seq`, from, to, of, index)
      ).map(row => EntryInBytes.of(row)),
    entryAt: (chain, n) => store.one<StoredEntry>(`${ENTRY} WHERE chain = ? AND n = ?`, chain, n),
    entryByHash: hash => store.one<StoredEntry>(`${ENTRY} WHERE hash = ?`, hash),
  }
}

/** An export: the database only says where an entry stands. */
function entriesInFiles(store: StoreReader, folder: string): EntrySource {
  const files = new EntryFiles((path, memory) => readIfThere(join(folder, path), memory))
  const found = (row: { seq: number } | null) => row && files.at(row.seq)
  return {
    entries: range => files.entries(range),
    hasPassed: (hash, before) => files.hasPassed(hash, before),
    entryAt: (chain, n) => found(store.one('SELECT seq FROM entries WHERE chain = ? AND n = ?', chain, n)),
    entryByHash: hash => found(store.one('SELECT seq FROM entries WHERE hash = ?', hash)),
  }
}

async function* nothing(): AsyncIterable<never> {}

async function* lists(store: StoreReader): AsyncIterable<StoredCrl> {
  for await (const { der, seenAt } of store.each<{ der: string; seenAt: string }>(
    'SELECT der, seen_at AS seenAt FROM audit_crls',
  )) {
    yield { der: bytesOf(der), seenAt }
  }
}

async function* documents(store: StoreReader, folder: string): AsyncIterable<StoredParts> {
  const rows = store.each<Omit<StoredParts, 'body'> & { root: string }>(
    'SELECT record, document, manifest, envelope, compartment, body AS root FROM documents ORDER BY position',
  )
  for await (const { root, ...parts } of rows) {
    yield { ...parts, body: () => body(store, folder, root) }
  }
}

/** The ciphertext by its name, a small one from the database; null when there is none, or the name is none. */
function body(store: StoreReader, folder: string, root: string): AsyncIterable<Bytes> | null {
  if (!/^[A-Za-z0-9_-]{43}$/.test(root)) return null
  const small = store.has('small_bodies')
    ? store.one<{ bytes: Bytes }>('SELECT bytes FROM small_bodies WHERE root = ?', root)
    : null
  if (small !== null) return readable(Readable.from([small.bytes]))
  const file = join(folder, 'bodies', root.slice(0, 2), root)
  return existsSync(file) ? readable(createReadStream(file, { highWaterMark: 1 << 20 })) : null
}

async function* readable(stream: AsyncIterable<Bytes>): AsyncIterable<Bytes> {
  try {
    for await (const bytes of stream) yield bytes
  } catch (cause) {
    throw unreadable(cause)
  }
}

/** One snapshot of the database, read only. */
class StoreReader {
  readonly #database: Database.Database
  readonly #statements = new Map<string, Database.Statement>()

  constructor(file: string) {
    try {
      this.#database = new Database(file, { readonly: true, fileMustExist: true, timeout: 5000 })
      this.#database.exec('BEGIN')
      this.#database.prepare('SELECT COUNT(*) FROM sqlite_schema').get()
    } catch (cause) {
      throw unreadable(cause)
    }
  }

  count(table: 'documents'): number {
    return this.one<{ count: number }>(`SELECT COUNT(*) AS count FROM ${table}`)?.count ?? 0
  }

  /** Is there a table or a view of that name? */
  has(name: string): boolean {
    return this.one("SELECT 1 FROM sqlite_schema WHERE type IN ('table', 'view') AND name = ?", name) !== null
  }

  one<T>(sql: string, ...values: (string | number)[]): T | null {
    return attempt(() => (this.#prepare(sql).get(...values) as T | undefined) ?? null)
  }

  all<T>(sql: string, ...values: (string | number)[]): T[] {
    return attempt(() => this.#prepare(sql).all(...values) as T[])
  }

  async *each<T>(sql: string): AsyncIterable<T> {
    // Not from the shared statements: two may be read at once.
    const rows = attempt(() => this.#database.prepare(sql).iterate() as IterableIterator<T>)
    try {
      for (;;) {
        const { value, done } = attempt(() => rows.next())
        if (done === true) return
        yield value
      }
    } finally {
      rows.return?.()
    }
  }

  close(): void {
    this.#database.close()
  }

  #prepare(sql: string): Database.Statement {
    let statement = this.#statements.get(sql)
    if (statement === undefined) {
      statement = this.#database.prepare(sql)
      this.#statements.set(sql, statement)
    }
    return statement
  }
}

function attempt<T>(read: () => T): T {
  try {
    return read()
  } catch (cause) {
    throw unreadable(cause)
  }
}

function readIfThere(path: string, memory?: (length: number) => Buffer): Buffer | null {
  try {
    return memory === undefined ? readFileSync(path) : readInto(path, memory)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return null
    throw unreadable(cause)
  }
}

function readInto(path: string, memory: (length: number) => Buffer): Buffer {
  const file = openSync(path, 'r')
  try {
    const { size } = fstatSync(file)
    const bytes = memory(size)
    let length = 0
    for (let read = -1; read !== 0 && length < size; length += read)
      read = readSync(file, bytes, length, size - length, null)
    return bytes.subarray(0, length)
  } finally {
    closeSync(file)
  }
}

function bytesOf(base64: string): Bytes {
  try {
    return fromBase64(base64)
  } catch (cause) {
    if (!CoffreError.is(cause)) throw cause
    return new Uint8Array(0)
  }
}

function unreadable(cause: unknown): SourceError {
  const code = (cause as { code?: unknown }).code
  const what = typeof code === 'string' ? code : 'not a store of this program'
  return new SourceError(`The store cannot be read (${what})`, cause)
}
