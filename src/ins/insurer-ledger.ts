/**
 * The insurer's ledger: which INS got which registration, which openings were seen and verified. A JSON-lines file of
 * mode 0600; what `append` wrote is on disk when it returns. It never holds a code (those are on paper), nor names or
 * addresses (those are in the insurer's own files).
 */
import { closeSync, existsSync, fstatSync, fsyncSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { fromUtf8, utf8 } from '../crypto/bytes.ts'
import { CoffreError } from '../crypto/errors.ts'
import type { DeploymentId, Hash, Ins, Instant, RecordId } from '../protocol/ids.ts'
import { RegistrationImport } from '../protocol/messages.ts'
import type { Registration } from '../protocol/statements.ts'
import { syncFolder } from './secret-file.ts'

/** The ledger cannot be used. Codes `ledger-malformed`, `ledger-deployment`, `ledger-changed`, `ledger-unknown`. */
class LedgerError extends CoffreError {}

/** What a ledger's lines say, in the order in which it happened. */
export type LedgerEvent =
  | { readonly event: 'ledger'; readonly v: 1; readonly deployment: DeploymentId }
  | {
      readonly event: 'issued'
      readonly t: Instant
      readonly hash: Hash
      readonly purpose: Registration['purpose']
      readonly expiresAt: Instant
      /** Name of the letter's file. */
      readonly letter: string
      readonly import: RegistrationImport
    }
  /** The host took the registration. */
  | { readonly event: 'taken'; readonly t: Instant; readonly hash: Hash }
  /** The host told of an opening, and it was verified. */
  | {
      readonly event: 'opened'
      readonly t: Instant
      readonly hash: Hash
      readonly recordId: RecordId
      readonly identity: Hash
    }
  /** The host told of something that does not hold; no activation letter follows from this registration. */
  | {
      readonly event: 'refused'
      readonly t: Instant
      readonly hash: Hash
      readonly code: string
      readonly evidence: string
    }
  /** Openings up to here were seen. */
  | { readonly event: 'cursor'; readonly cursor: number }

/** What the ledger knows of one registration. */
export interface LedgerEntry {
  readonly hash: Hash
  readonly ins: Ins
  readonly purpose: Registration['purpose']
  readonly expiresAt: Instant
  readonly letter: string
  readonly import: RegistrationImport
  taken: boolean
  opened: { readonly recordId: RecordId; readonly identity: Hash } | null
  refused: boolean
}

/** The insurer's ledger, open. One process at a time: another one's line makes `append` throw `ledger-changed`. */
export class Ledger {
  readonly #file: number
  readonly #entries = new Map<Hash, LedgerEntry>()
  readonly #latest = new Map<string, LedgerEntry>()
  #size: number
  #cursor = 0

  private constructor(file: number, size: number) {
    this.#file = file
    this.#size = size
  }

  /**
   * Opens the ledger of a deployment, making an empty one when it is not there. A last line that a crash left
   * unfinished is cut off: what it would have said was not acknowledged. Throws `LedgerError`.
   */
  static open(path: string, deployment: DeploymentId): Ledger {
    const isNew = !existsSync(path)
    const file = openSync(path, 'a+', 0o600)
    if (isNew) syncFolder(dirname(path))
    try {
      const content = readFileSync(path)
      const whole = content.lastIndexOf(0x0a) + 1
      if (whole < content.length) ftruncateSync(file, whole)
      const ledger = new Ledger(file, whole)
      const lines = fromUtf8(content.subarray(0, whole)).split('\n').slice(0, -1)
      for (const [index, line] of lines.entries()) ledger.#take(parseEvent(line, index + 1), deployment, index + 1)
      if (lines.length === 0) ledger.append({ event: 'ledger', v: 1, deployment })
      return ledger
    } catch (error) {
      closeSync(file)
      throw error
    }
  }

  /** Writes events, on disk when this returns. Throws `LedgerError` `ledger-changed` when another process wrote. */
  append(...events: readonly LedgerEvent[]): void {
    if (fstatSync(this.#file).size !== this.#size) {
      throw new LedgerError('Another process writes this ledger: let it finish, then run this again', {
        code: 'ledger-changed',
      })
    }
    const lines = utf8(events.map(event => `${JSON.stringify(event)}\n`).join(''))
    this.#size += writeSync(this.#file, lines)
    fsyncSync(this.#file)
    for (const event of events) this.#apply(event)
  }

  /** Where to go on reading openings. */
  get cursor(): number {
    return this.#cursor
  }

  /** A registration of this ledger, `null` when it is not one. */
  find(hash: Hash): LedgerEntry | null {
    return this.#entries.get(hash) ?? null
  }

  /** The newest registration of a person for a purpose, `null` when there is none. */
  latest(ins: Ins, purpose: Registration['purpose']): LedgerEntry | null {
    return this.#latest.get(`${purpose} ${ins}`) ?? null
  }

  /** Every registration, oldest first. */
  entries(): IterableIterator<LedgerEntry> {
    return this.#entries.values()
  }

  close(): void {
    closeSync(this.#file)
  }

  #take(event: LedgerEvent, deployment: DeploymentId, line: number): void {
    if ((line === 1) !== (event.event === 'ledger')) throw malformed(line)
    if (event.event === 'ledger' && event.deployment !== deployment) {
      throw new LedgerError('This ledger belongs to another installation; give the one of this deployment', {
        code: 'ledger-deployment',
      })
    }
    this.#apply(event)
  }

  #apply(event: LedgerEvent): void {
    if (event.event === 'ledger') return
    if (event.event === 'cursor') {
      this.#cursor = event.cursor
      return
    }
    if (event.event === 'issued') {
      const { hash, purpose, expiresAt, letter } = event
      const { ins } = event.import
      const state = { taken: false, opened: null, refused: false }
      const entry = { hash, ins, purpose, expiresAt, letter, import: event.import, ...state }
      this.#entries.set(hash, entry)
      this.#latest.set(`${purpose} ${ins}`, entry)
      return
    }
    const entry = this.#entries.get(event.hash)
    if (entry === undefined) {
      throw new LedgerError('The ledger speaks of a registration that it does not hold', { code: 'ledger-unknown' })
    }
    entry.taken = true
    if (event.event === 'opened') entry.opened = { recordId: event.recordId, identity: event.identity }
    if (event.event === 'refused') entry.refused = true
  }
}

const FIELDS: Readonly<Record<LedgerEvent['event'], readonly string[]>> = {
  ledger: ['v', 'deployment'],
  issued: ['t', 'hash', 'purpose', 'expiresAt', 'letter', 'import'],
  taken: ['t', 'hash'],
  opened: ['t', 'hash', 'recordId', 'identity'],
  refused: ['t', 'hash', 'code', 'evidence'],
  cursor: ['cursor'],
}

/** Own lines read back: their shape is checked, to notice a damaged file; their meaning was checked when written. */
function parseEvent(text: string, line: number): LedgerEvent {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw malformed(line)
  }
  if (typeof value !== 'object' || value === null || !('event' in value)) throw malformed(line)
  const names = FIELDS[value.event as LedgerEvent['event']]
  if (names === undefined || ['event', ...names].join() !== Object.keys(value).join()) throw malformed(line)
  const event = value as LedgerEvent
  if (event.event === 'issued' && !RegistrationImport.safeParse(event.import).success) throw malformed(line)
  return event
}

function malformed(line: number): LedgerError {
  return new LedgerError(`Line ${line} of the ledger is damaged: restore the ledger from its backup`, {
    code: 'ledger-malformed',
  })
}
