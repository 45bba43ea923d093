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
export const CONTACT_WAIT_MS = 24 * 60 * 60_000

/** Throws `Refusal` `session-required`, `sign-in-again`, `contact-new` (with the time when it will do). */
export function requireRecentSignIn(tx: Tx, request: SignedRequest<Patient>): void {
  const { caller, at } = request
  requireSignedInNow(tx, request)
  const now = at.getTime()
  const account = tx.get<{ since: number }>('SELECT contact_since AS since FROM accounts WHERE record = @record', {
    record: caller.recordId,
  })
  const known = (account?.since ?? 0) + CONTACT_WAIT_MS
  if (account === undefined || account.since === 0 || now >= known) return
  throw new Refusal('contact-new', 'The one-time password went to a contact that is not a day old', {
    extra: { retryAt: new Date(known).toISOString() },
  })
}

/** The first half of it alone: a sign-in of just now. Throws `Refusal` `session-required`, `sign-in-again`. */
export function requireSignedInNow(tx: Tx, { caller, session, at }: SignedRequest<Patient>): void {
  const row = tx.get<{ opened: number }>(
    'SELECT opened FROM sessions WHERE session = @session AND record = @recordId',
    { session: sessionName(session), recordId: caller.recordId },
  )
  if (row === undefined) throw new Refusal('session-required', 'The session has ended; sign in again')
  if (at.getTime() - row.opened <= RECENT_MS) return
  throw new Refusal('sign-in-again', 'Sign in again first: what decides who gets in wants a sign-in of just now')
}

/** How a session is named to its patient: by its hash, which opens nothing. */
export function sessionName(session: SignedRequest['session']): Hash {
  return bearerHash(session ?? '') as Hash
}
