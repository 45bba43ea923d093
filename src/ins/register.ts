/**
 * The INS authority's register: who (as a keyed fingerprint, never a NIR) has which INS.
 *
 * Durable: SQLite in WAL with synchronous=FULL; what `write` did is on disk when it returns, whole or not at all.
 * Consistent: one writer at a time, over all processes that open the file.
 *
 * It must be backed up: INSs that a collision or a correction gave cannot be derived again from K alone.
 */
import { chmodSync, closeSync, openSync } from 'node:fs'
import Database from 'better-sqlite3'
import { type Bytes, equal, lp } from '../crypto/bytes.ts'
import { CoffreError } from '../crypto/errors.ts'
import type { Ins } from '../protocol/ids.ts'
import { deriveIns, MAX_COUNTER, nirFingerprint } from './ins.ts'
import type { InsKeySource } from './key-source.ts'
import type { Nir } from './nir.ts'

/**
 * The register cannot do what was asked. Codes `register-unusable`, `register-other-key`, `register-conflict`,
 * `correction-unknown`, `correction-conflict`, `ins-exhausted`.
 */
class RegisterError extends CoffreError {}

/** How an INS was come by: `new` now, `known` before, `corrected`: given under the number that this one replaces. */
export type Assignment = { readonly ins: Ins; readonly outcome: 'new' | 'known' | 'corrected' }

/** One line of the register. */
export interface RegisterEntry {
  readonly fingerprint: Bytes
  readonly ins: Ins
  /** 0..255; null for a corrected number, whose INS was derived from another. */
  readonly counter: number | null
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS entry (
    fingerprint BLOB PRIMARY KEY CHECK (length(fingerprint) = 32),
    ins TEXT NOT NULL CHECK (length(ins) = 22),
    counter INTEGER CHECK (counter BETWEEN 0 AND ${MAX_COUNTER})
  ) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX IF NOT EXISTS entry_ins ON entry (ins) WHERE counter IS NOT NULL;
`

/** A register open for work. */
export class Register {
  readonly #database: Database.Database
  readonly #key: InsKeySource
  readonly #find: Database.Statement<[Bytes], { ins: Ins }>
  readonly #holder: Database.Statement<[string], { fingerprint: Buffer }>
  readonly #insert: Database.Statement<[Bytes, string, number | null]>

  private constructor(database: Database.Database, key: InsKeySource) {
    this.#database = database
    this.#key = key
    this.#find = database.prepare('SELECT ins FROM entry WHERE fingerprint = ?')
    this.#holder = database.prepare('SELECT fingerprint FROM entry WHERE ins = ? AND counter IS NOT NULL')
    this.#insert = database.prepare('INSERT INTO entry (fingerprint, ins, counter) VALUES (?, ?, ?)')
  }

  /**
   * Opens the register at `path`, made with mode 0600 when it is not there. A register belongs to one K: with another
   * it throws `RegisterError` `register-other-key`, since both would give INSs that do not know of each other.
   */
  static open(path: string, key: InsKeySource): Register {
    closeSync(openSync(path, 'a', 0o600))
    chmodSync(path, 0o600)
    try {
      const database = new Database(path)
      database.pragma('journal_mode = WAL')
      database.pragma('synchronous = FULL')
      if (database.pragma('synchronous', { simple: true }) !== 2) throw new Error('synchronous is not FULL')
      database.exec(SCHEMA)
      bind(database, key)
      return new Register(database, key)
    } catch (cause) {
      if (cause instanceof RegisterError) throw cause
      throw new RegisterError(`${path} is not a usable INS register; restore it from its backup`, {
        code: 'register-unusable',
        cause,
      })
    }
  }

  /** Runs `work` as one durable step: on disk when this returns; nothing of it stays when it throws. */
  write<T>(work: () => T): T {
    return this.#database.transaction(work).immediate()
  }

  /**
   * The INS of a person, entered now unless known. `replaces` is the number that this one corrects or follows (an NIA,
   * a wrong NIR): the INS given under it is kept. Call within `write`. Throws `RegisterError` `correction-unknown`
   * (the replaced number has no INS), `correction-conflict` (both numbers have one, and not the same) or
   * `ins-exhausted` (256 collisions: not in this universe, unless K is not random).
   */
  assign(nir: Nir, { replaces }: { readonly replaces?: Nir | undefined } = {}): Assignment {
    const fingerprint = nirFingerprint(this.#key, nir)
    const known = this.find(fingerprint)
    if (replaces !== undefined) return this.#correct(fingerprint, known, replaces)
    if (known !== null) return { ins: known, outcome: 'known' }
    for (let counter = 0; counter <= MAX_COUNTER; counter++) {
      const ins = deriveIns(this.#key, nir, { counter })
      if (this.#holder.get(ins) !== undefined) continue
      this.enter({ fingerprint, ins, counter })
      return { ins, outcome: 'new' }
    }
    throw new RegisterError('256 INSs in a row are taken: the key or the register is damaged, stop and look', {
      code: 'ins-exhausted',
    })
  }

  #correct(fingerprint: Bytes, known: Ins | null, replaces: Nir): Assignment {
    const before = this.find(nirFingerprint(this.#key, replaces))
    if (before === null) {
      throw new RegisterError('The number that this one replaces has no INS; derive that one first or leave it out', {
        code: 'correction-unknown',
      })
    }
    if (known !== null && known !== before) {
      throw new RegisterError('Both numbers already have an INS, and two records may exist: the insurer must decide', {
        code: 'correction-conflict',
      })
    }
    if (known === null) this.enter({ fingerprint, ins: before, counter: null })
    return { ins: before, outcome: known === null ? 'corrected' : 'known' }
  }

  /** The INS under a fingerprint; null when there is none. */
  find(fingerprint: Bytes): Ins | null {
    return this.#find.get(fingerprint)?.ins ?? null
  }

  /**
   * Enters one line as it is, for restoring a register or moving it to another machine. Throws `RegisterError`
   * `register-conflict` when the fingerprint has an INS, or another person the INS.
   */
  enter({ fingerprint, ins, counter }: RegisterEntry): void {
    try {
      this.#insert.run(fingerprint, ins, counter)
    } catch (cause) {
      if (!(cause instanceof Database.SqliteError) || !cause.code.startsWith('SQLITE_CONSTRAINT')) throw cause
      throw new RegisterError('This line contradicts one that the register holds already', {
        code: 'register-conflict',
        cause,
      })
    }
  }

  /** All lines, one at a time, in the order of their fingerprints. */
  *entries(): Generator<RegisterEntry> {
    const all = this.#database.prepare<[], { fingerprint: Buffer; ins: Ins; counter: number | null }>(
      'SELECT fingerprint, ins, counter FROM entry ORDER BY fingerprint',
    )
    for (const { fingerprint, ins, counter } of all.iterate()) {
      yield { fingerprint: new Uint8Array(fingerprint), ins, counter }
    }
  }

  close(): void {
    this.#database.close()
  }
}

/** Ties a new register to K, or checks that it is tied to this one. */
function bind(database: Database.Database, key: InsKeySource): void {
  const proof = key.registerTag(lp('coffre/v1/ins-register-proof'))
  const bound = database.prepare<[], { value: Buffer }>(`SELECT value FROM about WHERE name = 'key'`).get()
  if (bound === undefined) {
    database.prepare(`INSERT INTO about (name, value) VALUES ('key', ?)`).run(proof)
  } else if (!equal(bound.value, proof)) {
    database.close()
    throw new RegisterError('This register was made with another key K: give the key that belongs to it', {
      code: 'register-other-key',
    })
  }
}
