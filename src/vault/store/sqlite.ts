/**
 * The embedded store: SQLite in WAL mode with `synchronous=FULL`, one writer, one commit for all that waits.
 *
 * Commit order: BEGIN IMMEDIATE → each unit in a savepoint → COMMIT (SQLite appends to the WAL and fsyncs it) → promises
 * resolve. A crash before the fsync loses only what nobody was told; recovery is SQLite's own replay of the WAL.
 */
import { chmodSync } from 'node:fs'
import Database from 'better-sqlite3'
import { Refusal, VaultError } from '../errors.ts'
import { migrate } from './schema.ts'
import type { Params, Store, Tx } from './store.ts'

/** Units that may wait for a commit; the next one is told `busy`. */
const MAX_WAITING = 4096
/** Units in one commit. */
const MAX_BATCH = 256

/** What surrounds the units' own statements. */
type Step = 'begin' | 'commit' | 'rollback' | 'unit' | 'release' | 'undo'

interface Waiting {
  readonly work: (tx: Tx) => unknown
  resolve(value: unknown): void
  reject(error: unknown): void
}

/** Opens or creates the store. Throws `VaultError` `store-open`, `store-shared`, `store-durability`, `store-newer`. */
export function openSqlite(file: string): Store {
  const lock = takeLock(`${file}.lock`)
  try {
    const writer = connect(file)
    migrate(writer)
    const reader = connect(file)
    reader.pragma('query_only = ON')
    return new SqliteStore(writer, reader, lock)
  } catch (error) {
    lock.close()
    throw error
  }
}

/**
 * A look into a store, which a host may be serving from: it reads alone and takes no lock.
 * Throws `VaultError` `store-open`, `store-durability`.
 */
export function lookIntoSqlite(file: string): Pick<Store, 'read' | 'close'> {
  const reader = connect(file)
  reader.pragma('query_only = ON')
  return { read: new Connection(reader), close: async () => void reader.close() }
}

/**
 * One host at a time: an exclusive lock of the operating system on a file of its own, held as long as the store is open
 * and gone with the process, however it ends. Throws `VaultError` `store-shared`.
 */
function takeLock(file: string): Database.Database {
  const lock = openFile(file, 0)
  try {
    lock.exec('BEGIN EXCLUSIVE')
    return lock
  } catch (cause) {
    lock.close()
    throw new VaultError('Another host runs on this store: stop it first, or give this one a store of its own', {
      code: 'store-shared',
      cause,
    })
  }
}

function openFile(file: string, timeout: number): Database.Database {
  try {
    const database = new Database(file, { timeout })
    chmodSync(file, 0o600)
    return database
  } catch (cause) {
    throw new VaultError(`The store ${file} cannot be opened: check that the folder exists and is writable`, {
      code: 'store-open',
      cause,
    })
  }
}

function connect(file: string): Database.Database {
  const database = openFile(file, 5000)
  database.pragma('journal_mode = WAL')
  // The package's own builds have shipped NORMAL as the default in WAL mode: set it, read it back, refuse otherwise.
  database.pragma('synchronous = FULL')
  database.pragma('foreign_keys = ON')
  database.pragma('secure_delete = ON')
  database.pragma('journal_size_limit = 67108864')
  // Keys and hashes fall on pages at random: copied back every 32 MiB instead of every 4, each page is copied far less
  // often, and writing is half as fast again.
  database.pragma('wal_autocheckpoint = 8192')
  // What undoes one unit of a commit stays in memory; it would be a file of its own otherwise.
  database.pragma('temp_store = MEMORY')
  // 64 MiB of pages in memory a connection, instead of 2.
  database.pragma('cache_size = -65536')
  const mode = database.pragma('journal_mode', { simple: true })
  const synchronous = database.pragma('synchronous', { simple: true })
  if (mode !== 'wal' || synchronous !== 2) {
    throw new VaultError(
      `The store ${file} does not promise durability (journal ${mode}, synchronous ${synchronous})`,
      {
        code: 'store-durability',
      },
    )
  }
  return database
}

class Connection implements Tx {
  readonly #database: Database.Database
  readonly #statements = new Map<string, Database.Statement>()

  constructor(database: Database.Database) {
    this.#database = database
  }

  get<T>(sql: string, params: Params = {}): T | undefined {
    return this.#statement(sql).get(params) as T | undefined
  }

  all<T>(sql: string, params: Params = {}): T[] {
    return this.#statement(sql).all(params) as T[]
  }

  run(sql: string, params: Params = {}): number {
    return this.#statement(sql).run(params).changes
  }

  #statement(sql: string): Database.Statement {
    let statement = this.#statements.get(sql)
    if (statement === undefined) {
      statement = this.#database.prepare(sql)
      this.#statements.set(sql, statement)
    }
    return statement
  }
}

class SqliteStore implements Store {
  readonly read: Tx
  readonly #writer: Database.Database
  readonly #reader: Database.Database
  readonly #lock: Database.Database
  readonly #tx: Tx
  readonly #steps: Readonly<Record<Step, Database.Statement>>
  readonly #waiting: Waiting[] = []
  #scheduled = false
  #closed = false

  constructor(writer: Database.Database, reader: Database.Database, lock: Database.Database) {
    this.#lock = lock
    this.#writer = writer
    this.#reader = reader
    this.#tx = new Connection(writer)
    // Prepared once: every unit runs three of them.
    this.#steps = {
      begin: writer.prepare('BEGIN IMMEDIATE'),
      commit: writer.prepare('COMMIT'),
      rollback: writer.prepare('ROLLBACK'),
      unit: writer.prepare('SAVEPOINT unit'),
      release: writer.prepare('RELEASE unit'),
      undo: writer.prepare('ROLLBACK TO unit'),
    }
    this.read = new Connection(reader)
  }

  write<T>(work: (tx: Tx) => T): Promise<T> {
    if (this.#closed) return Promise.reject(new Refusal('busy', 'The host is stopping; try again in a minute'))
    if (this.#waiting.length >= MAX_WAITING) {
      return Promise.reject(new Refusal('busy', 'Too many requests wait; try again in a moment'))
    }
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push({ work, resolve: resolve as (value: unknown) => void, reject })
      this.#schedule()
    })
  }

  maintain(): void {
    this.#writer.pragma('wal_checkpoint(TRUNCATE)')
  }

  async close(): Promise<void> {
    this.#closed = true
    while (this.#waiting.length > 0) this.#commit()
    this.#reader.close()
    this.#writer.close()
    this.#lock.close()
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      this.#commit()
      if (this.#waiting.length > 0) this.#schedule()
    })
  }

  #commit(): void {
    const batch = this.#waiting.splice(0, MAX_BATCH)
    if (batch.length === 0) return
    const settled: (() => void)[] = []
    try {
      this.#steps.begin.run()
      for (const unit of batch) settled.push(this.#runUnit(unit))
      this.#steps.commit.run()
    } catch (cause) {
      this.#rollback()
      const error = new Refusal(
        'log-unavailable',
        'The log cannot be written now, so nothing was done; try again later',
        {
          cause,
        },
      )
      for (const { reject } of batch) reject(error)
      return
    }
    for (const settle of settled) settle()
  }

  /** Returns how to settle the unit's promise once the commit is durable. Rethrows what makes the whole commit void. */
  #runUnit({ work, resolve, reject }: Waiting): () => void {
    this.#steps.unit.run()
    try {
      const value = work(this.#tx)
      this.#steps.release.run()
      return () => resolve(value)
    } catch (error) {
      // A failing disk may already have ended the whole transaction: then nothing of the batch may be acknowledged.
      if (!this.#writer.inTransaction || isDiskError(error)) throw error
      this.#steps.undo.run()
      this.#steps.release.run()
      return () => reject(error)
    }
  }

  #rollback(): void {
    try {
      if (this.#writer.inTransaction) this.#steps.rollback.run()
    } catch {
      // The database is out of reach; the transaction died with it.
    }
  }
}

function isDiskError(error: unknown): boolean {
  return (
    error instanceof Database.SqliteError &&
    /^SQLITE_(IOERR|FULL|CORRUPT|READONLY|CANTOPEN|NOTADB|NOMEM)/.test(error.code)
  )
}
