/**
 * Acts that decide who can get in want more than an open session (docs/protocol/devices.md): a sign-in of the last ten
 * minutes, whose one-time password went to a contact that was known for a day.
 */
import type { Hash } from '../protocol/ids.ts'
import { bearerHash } from './bearer.ts'
import type { Patient, SignedRequest } from './caller.ts'
import { Refusal } from './errors.ts'
import type { Tx } from './store/store.ts'

/** A sign-in counts as recent for so long, milliseconds. */
const RECENT_MS = 10 * 60_000
/** A contact that took another's place counts as new for so long, milliseconds. */
const CONTACT_WAIT_MS = 24 * 60 * 60_000

/** Throws `Refusal` `session-required`, `sign-in-again`, `contact-new` (with the time when it will do). */
export function requireRecentSignIn(tx: Tx, { caller, session, at }: SignedRequest<Patient>): void {
  const { recordId } = caller
  const row = tx.get<{ opened: number; since: number }>(
    `SELECT s.opened, a.contact_since AS since FROM sessions s JOIN accounts a ON a.record = s.record
     WHERE s.session = @session AND s.record = @recordId`,
    { session: sessionName(session), recordId },
  )
  if (row === undefined) throw new Refusal('session-required', 'The session has ended; sign in again')
  const now = at.getTime()
  if (now - row.opened > RECENT_MS) {
    throw new Refusal('sign-in-again', 'Sign in again first: what decides who gets in wants a sign-in of just now')
  }
  const known = row.since + CONTACT_WAIT_MS
  if (row.since > 0 && now < known) {
    throw new Refusal('contact-new', 'The one-time password went to a contact that is not a day old', {
      extra: { retryAt: new Date(known).toISOString() },
    })
  }
}

/** How a session is named to its patient: by its hash, which opens nothing. */
export function sessionName(session: SignedRequest['session']): Hash {
  return bearerHash(session ?? '') as Hash
}
