import type { Devices } from '../protocol/devices.ts'
import type { EventObject } from '../protocol/entry.ts'
import type { Hash, RecordId, SessionId, SlotId } from '../protocol/ids.ts'
import type { SessionOpened } from '../protocol/messages.ts'
import { type Acts, requireState } from './acts.ts'
import { bearerHash, newBearer } from './bearer.ts'
import type { Patient, SignedRequest } from './caller.ts'
import { Refusal } from './errors.ts'
import { instantOf } from './instant.ts'
import { sessionName } from './sensitive.ts'
import { devicesOf } from './slots.ts'
import type { Store, Tx } from './store/store.ts'

/** A session ends after so long without a request: the rule of online banking. */
const IDLE_SECONDS = 300
/** A session's last use is written at most this often, milliseconds: a read need not cost a commit. */
const TOUCH_EVERY_MS = 10_000

/** Sessions: opened by a ticket and the identity's signature, named in every request, ended by five idle minutes. */
export class Sessions {
  readonly #store: Store
  readonly #acts: Acts

  constructor(options: { store: Store; acts: Acts }) {
    this.#store = options.store
    this.#acts = options.acts
  }

  /** Opens a session. Throws `Refusal` `session-required` when the ticket is used, too old, or another record's. */
  async open(request: SignedRequest<Patient>, ticket: SessionId): Promise<SessionOpened> {
    const session = newBearer()
    const { recordId } = request.caller
    const now = request.at.getTime()
    const act = { record: recordId, action: 'session.start', object: { device: null } } as const
    const { entry } = await this.#acts.perform(request, act, tx => {
      const row = tx.get<{ slot: string | null }>(
        'SELECT slot FROM tickets WHERE ticket = @ticket AND record = @recordId AND expires > @now',
        { ticket: bearerHash(ticket), recordId, now },
      )
      if (row === undefined) throw new Refusal('session-required', 'This sign-in is over; start again')
      tx.run('DELETE FROM tickets WHERE ticket = @ticket', { ticket: bearerHash(ticket) })
      tx.run('DELETE FROM sessions WHERE used <= @idle', { idle: now - IDLE_SECONDS * 1000 })
      tx.run(
        'INSERT INTO sessions (session, record, slot, opened, used) VALUES (@session, @recordId, @slot, @now, @now)',
        { session: bearerHash(session), recordId, slot: row.slot, now },
      )
      tx.run('UPDATE slots SET used = @now WHERE record = @recordId AND slot = @slot', {
        now,
        recordId,
        slot: row.slot,
      })
      return { object: { device: row.slot }, grant: null, state: requireState(tx, recordId), result: null }
    })
    return { session, idleSeconds: IDLE_SECONDS, receipt: await this.#acts.receipt(entry) }
  }

  /** Throws `Refusal` `session-required` unless the session is open and of this record; keeps it from going idle. */
  require(session: SessionId, recordId: RecordId, at: Date): void {
    const { isDue } = requireSession(this.#store.read, { session, recordId, at })
    // Not waited for, and when it fails the session ends sooner: the worst is signing in again.
    if (isDue) this.touch(session, at).catch(() => {})
  }

  /** Writes down that a session was used. */
  async touch(session: SessionId, at: Date): Promise<void> {
    const use = { key: bearerHash(session), now: at.getTime() }
    await this.#store.write(tx => tx.run('UPDATE sessions SET used = @now WHERE session = @key AND used < @now', use))
  }

  /** Ends the session of this request. Returns the receipt. Throws `Refusal` `session-required` when it has ended already. */
  end(request: SignedRequest<Patient>): Promise<string> {
    return this.#end(request, sessionName(request.session), {})
  }

  /** Ends another session of the same record, by its name. Throws as `end`. */
  endOther(request: SignedRequest<Patient>, session: Hash): Promise<string> {
    return this.#end(request, session, { session })
  }

  async #end(request: SignedRequest<Patient>, key: Hash, named: EventObject): Promise<string> {
    const { recordId } = request.caller
    const act = { record: recordId, action: 'session.end', object: { device: null, ...named } } as const
    const { entry } = await this.#acts.perform(request, act, tx => {
      const where = { key, recordId }
      const row = tx.get<{ slot: string | null }>(
        'SELECT slot FROM sessions WHERE session = @key AND record = @recordId',
        where,
      )
      if (row === undefined) throw new Refusal('session-required', 'The session has ended; sign in again')
      tx.run('DELETE FROM sessions WHERE session = @key AND record = @recordId', where)
      return { object: { device: row.slot, ...named }, grant: null, state: requireState(tx, recordId), result: null }
    })
    return this.#acts.receipt(entry)
  }

  /** What opens the caller's record, and who is signed in. */
  async devices(request: SignedRequest<Patient>): Promise<Devices> {
    return this.#acts.look(request, tx => ({
      devices: devicesOf(tx, request.caller.recordId),
      sessions: this.#open(tx, request),
    }))
  }

  /** Those of a record that have not gone idle, the last used first. */
  #open(tx: Tx, request: SignedRequest<Patient>): Devices['sessions'] {
    const { recordId } = request.caller
    const idle = request.at.getTime() - IDLE_SECONDS * 1000
    const current = sessionName(request.session)
    return tx
      .all<{ session: Hash; slot: SlotId | null; opened: number; used: number }>(
        `SELECT session, slot, opened, used FROM sessions WHERE record = @recordId AND used > @idle
         ORDER BY used DESC LIMIT 256`,
        { recordId, idle },
      )
      .map(({ session, slot, opened, used }) => ({
        session,
        slotId: slot,
        openedAt: instantOf(opened),
        usedAt: instantOf(used),
        current: session === current,
      }))
  }
}

/**
 * Throws `Refusal` `session-required` unless the session is open and of this record. `isDue`: its use should be written
 * down, by `Sessions.touch`.
 */
export function requireSession(
  read: Tx,
  { session, recordId, at }: { session: SessionId; recordId: RecordId; at: Date },
): { readonly isDue: boolean } {
  const row = read.get<{ used: number }>('SELECT used FROM sessions WHERE session = @key AND record = @recordId', {
    key: bearerHash(session),
    recordId,
  })
  const idle = row === undefined ? Number.POSITIVE_INFINITY : at.getTime() - row.used
  if (idle >= IDLE_SECONDS * 1000) throw new Refusal('session-required', 'The session has ended; sign in again')
  return { isDue: idle >= TOUCH_EVERY_MS }
}
