/**
 * The embedded store: SQLite in WAL mode with `synchronous=FULL`, one writer, one commit for all that waits.
 *
 * Commit order: BEGIN IMMEDIATE → the units, one after the other → COMMIT (SQLite appends to the WAL and fsyncs it) →
 * promises resolve. A crash before the fsync loses only what nobody was told; recovery is SQLite's own replay of the WAL.
 *
 * A unit that fails takes no other with it: when it had written nothing there is nothing to undo, and when it had, all
 * units are undone and run again, each in a savepoint. Savepoints for all would cost as much as the writing: SQLite
 * keeps a copy of every page that a unit touches.
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

/** Tells who waits for a unit what came of it, once that is durable. */
type Settle = () => void

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

/** A statement with its parameters in the order in which they are bound: by name the driver looks each up anew. */
interface Prepared {
  readonly statement: Database.Statement
  readonly names: readonly string[]
}

class Connection implements Tx {
  readonly #database: Database.Database
  readonly #prepared = new Map<string, Prepared>()
  /** Set by whatever changed something, or may have. */
  hasWritten = false
  undone = 0

  constructor(database: Database.Database) {
    this.#database = database
  }

  get<T>(sql: string, params: Params = {}): T | undefined {
    const { statement, names } = this.#reading(sql)
    return statement.get(valuesOf(names, params)) as T | undefined
  }

  all<T>(sql: string, params: Params = {}): T[] {
    const { statement, names } = this.#reading(sql)
    return statement.all(valuesOf(names, params)) as T[]
  }

  run(sql: string, params: Params = {}): number {
    const { statement, names } = this.#prepare(sql)
    const { changes } = statement.run(valuesOf(names, params))
    if (changes > 0) this.hasWritten = true
    return changes
  }

  /** A statement that gives rows: one with RETURNING writes, too. */
  #reading(sql: string): Prepared {
    const prepared = this.#prepare(sql)
    if (!prepared.statement.readonly) this.hasWritten = true
    return prepared
  }

  #prepare(sql: string): Prepared {
    let prepared = this.#prepared.get(sql)
    if (prepared === undefined) {
      const names: string[] = []
      const bound = sql.replace(/'[^']*'|@(\w+)/g, (text: string, name?: string) => {
        if (name === undefined) return text
        names.push(name)
        return '?'
      })
      prepared = { statement: this.#database.prepare(bound), names }
      this.#prepared.set(sql, prepared)
    }
    return prepared
  }
}

/** One that is missing is undefined, which the driver refuses. */
function valuesOf(names: readonly string[], params: Params): unknown[] {
  return names.map(name => params[name])
}

class SqliteStore implements Store {
  readonly read: Tx
  readonly #writer: Database.Database
  readonly #reader: Database.Database
  readonly #lock: Database.Database
  readonly #tx: Connection
  readonly #steps: Readonly<Record<Step, Database.Statement>>
  readonly #waiting: Waiting[] = []
  #scheduled = false
  #closed = false
  #isDistrusted = false

  constructor(writer: Database.Database, reader: Database.Database, lock: Database.Database) {
    this.#lock = lock
    this.#writer = writer
    this.#reader = reader
    this.#tx = new Connection(writer)
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
    if (this.#isDistrusted) {
      return Promise.reject(
        new Refusal('log-unavailable', 'The store is damaged, so nothing is done; tell its operator'),
      )
    }
    if (this.#waiting.length >= MAX_WAITING) {
      return Promise.reject(new Refusal('busy', 'Too many requests wait; try again in a moment'))
    }
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push({ work, resolve: resolve as (value: unknown) => void, reject })
      this.#schedule()
    })
  }

  distrust(): void {
    this.#isDistrusted = true
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
    let settled: Settle[]
    try {
      settled = this.#together(batch) ?? this.#apart(batch)
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

  /** The units without savepoints. Null, and nothing done, when one failed that had written something. */
  #together(batch: readonly Waiting[]): Settle[] | null {
    this.#steps.begin.run()
    const settled: Settle[] = []
    for (const { work, resolve, reject } of batch) {
      this.#tx.hasWritten = false
      try {
        const value = work(this.#tx)
        settled.push(() => resolve(value))
      } catch (error) {
        this.#requireWhole(error)
        if (this.#tx.hasWritten) {
          this.#undo('rollback')
          return null
        }
        settled.push(() => reject(error))
      }
    }
    return settled
  }

  #apart(batch: readonly Waiting[]): Settle[] {
    this.#steps.begin.run()
    return batch.map(unit => this.#runUnit(unit))
  }

  /** Rethrows what makes the whole commit void: a failing disk may already have ended the transaction. */
  #requireWhole(error: unknown): void {
    if (!this.#writer.inTransaction || isDiskError(error)) throw error
  }

  /** Returns how to settle the unit's promise once the commit is durable. */
  #runUnit({ work, resolve, reject }: Waiting): Settle {
    this.#steps.unit.run()
    try {
      const value = work(this.#tx)
      this.#steps.release.run()
      return () => resolve(value)
    } catch (error) {
      this.#requireWhole(error)
      this.#undo('undo')
      this.#steps.release.run()
      return () => reject(error)
    }
  }

  #undo(step: 'rollback' | 'undo'): void {
    this.#tx.undone++
    this.#steps[step].run()
  }

  #rollback(): void {
    this.#tx.undone++
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
