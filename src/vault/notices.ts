/**
 * Nothing happens behind the patient's back: what others do in a record is told by mail or SMS to a patient who wants it, and
 * a change of who can get in is always told, over the contact known before. Each notice is put into the outbox in the
 * unit that writes the entry it follows from: no entry without its notice, whatever crashes.
 */
import type { ParsedEntry } from '../log/entry.ts'
import { noticeOf } from '../log/notices.ts'
import type { Action, Actor } from '../protocol/entry.ts'
import type { RecordId } from '../protocol/ids.ts'
import { type Acts, type RecordRequest, requireOwner, requireState } from './acts.ts'
import type { NoticeKind } from './mail-texts.ts'
import type { Outbox } from './outbox.ts'
import type { Tx } from './store/store.ts'

/** A record's next notice of a kind leaves so long after the last, milliseconds: it speaks for all that came between. */
const APART_MS = 10 * 60_000

/** What a holder does with the own keys. */
const KEY_CHANGES: ReadonlySet<Action> = new Set(['key.publish', 'key.withdraw'])

/** What a patient chooses for accesses: each told at once, or none ever. */
export type NoticeChoice = 'on' | 'off'

export class Notices {
  readonly #outbox: Outbox
  readonly #clock: () => Date

  constructor({ outbox, clock }: { outbox: Outbox; clock: () => Date }) {
    this.#outbox = outbox
    this.#clock = clock
  }

  /** What an entry has told, in the entry's own unit. */
  onEntry(tx: Tx, { parsed }: ParsedEntry): void {
    const { action, actor, outcome } = parsed.event
    const { record } = parsed.link
    if (record === 'system') {
      if (KEY_CHANGES.has(action) && outcome === 'ok') this.#newKey(tx, actor)
      return
    }
    // `account.activate` is told by `Accounts` itself, before it replaces the contact.
    const kind = noticeOf(parsed.event)
    if (kind !== null) this.tell(tx, record, kind)
  }

  /** A new key, or one taken back, of somebody who has access: told to every patient whose grant it can use. */
  #newKey(tx: Tx, { kind, id }: Actor): void {
    const records = tx.all<{ record: RecordId }>(
      'SELECT DISTINCT record FROM grants WHERE grantee = @id AND grantee_kind = @kind AND in_force = 1',
      { kind, id },
    )
    for (const { record } of records) this.tell(tx, record, 'change')
  }

  /** Tells a patient, if there is a contact and this kind is wanted, and no notice is to leave anyway. */
  tell(tx: Tx, record: RecordId, kind: NoticeKind): void {
    const row = tx.get<{ wanted: number; due: number; message: string | null }>(
      'SELECT wanted, due, message FROM notices WHERE record = @record AND kind = @kind',
      { record, kind },
    )
    if (kind === 'access' && row?.wanted !== 1) return
    const now = this.#clock().getTime()
    if (row?.message != null && this.#leavesAfter(tx, row.message, now)) return
    const account = tx.get<{ contact: string }>('SELECT contact FROM accounts WHERE record = @record', { record })
    if (account === undefined) return
    // A clock that was set back must not hold notices up for as long as it had been ahead.
    const due = Math.min(Math.max(now, (row?.due ?? 0) + APART_MS), now + APART_MS)
    const message = this.#outbox.enqueueNotice(tx, { recipient: account.contact, kind, due })
    tx.run(
      `INSERT INTO notices (record, kind, wanted, due, message) VALUES (@record, @kind, 1, @due, @message)
       ON CONFLICT (record, kind) DO UPDATE SET due = excluded.due, message = excluded.message`,
      { record, kind, due, message },
    )
  }

  /** Is that message still to leave, and later than now? One that is due may be on its way already. */
  #leavesAfter(tx: Tx, message: string, now: number): boolean {
    const waiting = tx.get('SELECT 1 FROM outbox WHERE message = @message AND next_attempt > @now', { message, now })
    return waiting !== undefined
  }

  /** The patient's choice about accesses. It is an entry, and told itself. Throws `Refusal` `no-grant`. */
  async choose(
    acts: Acts,
    request: RecordRequest,
    { record, accesses }: { readonly record: RecordId; readonly accesses: NoticeChoice },
  ): Promise<{ receipt: string }> {
    const object = { accesses }
    const { entry } = await acts.perform(request, { record, action: 'notices.set', object }, tx => {
      requireOwner(request, record)
      tx.run(
        `INSERT INTO notices (record, kind, wanted, due) VALUES (@record, 'access', @wanted, 0)
         ON CONFLICT (record, kind) DO UPDATE SET wanted = excluded.wanted`,
        { record, wanted: accesses === 'on' ? 1 : 0 },
      )
      return { object, grant: null, state: requireState(tx, record), result: null }
    })
    return { receipt: await acts.receipt(entry) }
  }
}
