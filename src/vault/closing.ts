/**
 * Closing a record (docs/protocol/closing.md): from then on nobody but its patient; kept for the legal time, then destroyed.
 *
 * Destroying, in this order, so that a crash leaves nothing that opens what is still there: (1) in one unit, the entry, and
 * everything that opens or tells of the patient (sealed bundle, slots, seals, links, envelopes, account, INS); (2) the
 * write-ahead log is emptied, in which the overwritten pages still stand; (3) the bodies' files. What a crash leaves of (3)
 * goes at the next start, like any body that the store does not name.
 */
import type { Hash, Instant, RecordId } from '../protocol/ids.ts'
import { type Acts, requireOwner, requireState, stateHash } from './acts.ts'
import type { Bodies } from './bodies/bodies.ts'
import type { Patient, SignedRequest } from './caller.ts'
import type { Context } from './context.ts'
import { Refusal } from './errors.ts'
import { countBody } from './room.ts'
import { requireRecentSignIn } from './sensitive.ts'
import type { Tx } from './store/store.ts'

/** Records destroyed in one look; the next comes a minute later. */
const BATCH = 10

/** The moment a closed record is destroyed, years after it was closed, to the day. */
function yearsAfter(at: Date, years: number): Date {
  const due = new Date(at)
  due.setUTCFullYear(due.getUTCFullYear() + years)
  return due
}

/** Throws `Refusal` `record-closed`: what would let somebody else in is not done in a closed record. */
export function requireNotClosed(tx: Tx, record: RecordId): void {
  if (isClosed(tx, record)) throw new Refusal('record-closed', 'The record is closed; open it again first')
}

export function isClosed(tx: Tx, record: RecordId): boolean {
  return tx.get('SELECT 1 FROM closings WHERE record = @record', { record }) !== undefined
}

/** When a closed record is destroyed; null when it is not closed. */
export function destroyedAt(tx: Tx, record: RecordId): Instant | null {
  const row = tx.get<{ due: number }>('SELECT due FROM closings WHERE record = @record', { record })
  return row === undefined ? null : (new Date(row.due).toISOString() as Instant)
}

export class Closing {
  readonly #context: Context
  readonly #acts: Acts
  readonly #bodies: Bodies
  readonly #years: number

  constructor(context: Context, options: { bodies: Bodies; years: number }) {
    this.#context = context
    this.#acts = context.acts
    this.#bodies = options.bodies
    this.#years = options.years
  }

  /**
   * Closes a record in which no grant is in force any more; requests that wait are gone. The same again keeps the first
   * date. Throws `Refusal` `sign-in-again`, `contact-new`, `state-invalid` (grants in force).
   */
  async close(
    request: SignedRequest<Patient>,
    record: RecordId,
  ): Promise<{ readonly receipt: string; readonly destroyedAt: Instant }> {
    const { entry, result } = await this.#acts.perform(request, { record, action: 'record.close', object: {} }, tx => {
      requireOwner(request, record)
      requireRecentSignIn(tx, request)
      const state = requireState(tx, record)
      if (tx.get('SELECT 1 FROM grants WHERE record = @record AND in_force = 1', { record }) !== undefined) {
        throw new Refusal('state-invalid', 'Take back every grant first: a closed record has none')
      }
      const due = yearsAfter(request.at, this.#years).getTime()
      tx.run('UPDATE access_requests SET open = 0 WHERE record = @record', { record })
      tx.run('INSERT INTO closings (record, due) VALUES (@record, @due) ON CONFLICT (record) DO NOTHING', {
        record,
        due,
      })
      const row = tx.get<{ due: number }>('SELECT due FROM closings WHERE record = @record', { record })
      return { object: {}, grant: null, state, result: new Date(row?.due ?? due) }
    })
    return { receipt: await this.#acts.receipt(entry), destroyedAt: result.toISOString() as Instant }
  }

  /** Opens it again, while it is still there. Throws `Refusal` as `close`, `record-open` when it is not closed. */
  async reopen(request: SignedRequest<Patient>, record: RecordId): Promise<{ receipt: string }> {
    const { entry } = await this.#acts.perform(request, { record, action: 'record.reopen', object: {} }, tx => {
      requireOwner(request, record)
      requireRecentSignIn(tx, request)
      if (tx.run('DELETE FROM closings WHERE record = @record', { record }) !== 1) {
        throw new Refusal('record-open', 'The record is not closed')
      }
      return { object: {}, grant: null, state: requireState(tx, record), result: null }
    })
    return { receipt: await this.#acts.receipt(entry) }
  }

  /** Destroys the records whose time has come; returns how many. */
  async destroyDue(): Promise<number> {
    const { store, clock } = this.#context
    const due = store.read.all<{ record: RecordId }>(
      'SELECT record FROM closings WHERE destroyed = 0 AND due <= @now ORDER BY due LIMIT @batch',
      { now: clock().getTime(), batch: BATCH },
    )
    for (const { record } of due) await this.#destroy(record)
    return due.length
  }

  async #destroy(record: RecordId): Promise<void> {
    const { store, journal, clock } = this.#context
    const roots = await store.write(tx => {
      // Opened again a moment ago?
      const still = tx.get('SELECT 1 FROM closings WHERE record = @record AND destroyed = 0 AND due <= @now', {
        record,
        now: clock().getTime(),
      })
      if (still === undefined) return []
      const documents = tx.all<{ body: Hash }>('SELECT body FROM documents WHERE record = @record', { record })
      forget(tx, record)
      journal.append(tx, {
        chain: record,
        actor: { kind: 'host', id: 'host' },
        action: 'record.destroy',
        object: { count: documents.length },
        outcome: 'ok',
        grant: null,
        state: stateHash(tx, record),
        request: null,
      })
      return documents.map(({ body }) => body).filter(root => unnamed(tx, root))
    })
    store.maintain()
    const isBody = (root: string) => store.read.get('SELECT 1 FROM bodies WHERE root = @root', { root }) !== undefined
    for (const root of roots) await this.#bodies.remove(root, { isBody })
  }
}

/** Everything that opens the record or tells whose it was. Signed statements stay: the log is judged by them. */
function forget(tx: Tx, record: RecordId): void {
  const account = tx.get<{ contact: string; earlier: string | null }>(
    'SELECT contact, contact_before AS earlier FROM accounts WHERE record = @record',
    { record },
  )
  for (const recipient of [account?.contact, account?.earlier]) {
    if (recipient != null) tx.run('DELETE FROM outbox WHERE recipient = @recipient', { recipient })
  }
  for (const table of [
    'bundles',
    'slots',
    'accounts',
    'sessions',
    'tickets',
    'notices',
    'access_requests',
    'reads',
    'uploads',
  ]) {
    tx.run(`DELETE FROM ${table} WHERE record = @record`, { record })
  }
  tx.run('DELETE FROM one_time_passwords WHERE subject = @record', { record })
  tx.run('UPDATE epochs SET link = NULL WHERE record = @record', { record })
  tx.run(`UPDATE grants SET seals = '[]' WHERE record = @record`, { record })
  tx.run(`UPDATE documents SET envelope = '', manifest = '' WHERE record = @record`, { record })
  const { ins } = tx.get<{ ins: string }>('SELECT ins FROM records WHERE record = @record', { record }) ?? { ins: '' }
  for (const table of ['sign_ins', 'sign_in_failures']) tx.run(`DELETE FROM ${table} WHERE ins = @ins`, { ins })
  // The salt opens the registration's commitment to the INS.
  tx.run(`UPDATE registrations SET ins = '', salt = '' WHERE ins = @ins`, { ins })
  tx.run(`UPDATE records SET ins = 'destroyed ' || record WHERE record = @record`, { record })
  tx.run('UPDATE closings SET destroyed = 1 WHERE record = @record', { record })
}

/** Lets go of a body's name, unless a document of another record has the same body. */
function unnamed(tx: Tx, root: Hash): boolean {
  const other = tx.get(`SELECT 1 FROM documents WHERE body = @root AND envelope <> ''`, { root })
  if (other !== undefined) return false
  const row = tx.get<{ length: number }>('SELECT length FROM bodies WHERE root = @root', { root })
  tx.run('DELETE FROM bodies WHERE root = @root', { root })
  tx.run('DELETE FROM small_bodies WHERE root = @root', { root })
  if (row !== undefined) countBody(tx, -row.length)
  return true
}
