/** Which entries of a record the patient is told of (docs/protocol/entry.md, «Notices»). */
import type { Action, Event } from '../protocol/entry.ts'

/** Acts that change who can get in, or hide that somebody did; each is told whatever the patient chose. */
const CHANGES: ReadonlySet<Action> = new Set([
  'record.close',
  'record.reopen',
  'grant.give',
  'device.add',
  'device.remove',
  'delegation.give',
  'access.unblock',
  'identity.change',
  'recovery.start',
  'recovery.stop',
  'notices.set',
])

/** What an entry of a record's chain is told as; null when it is not told (an activation is told by itself). */
export function noticeOf({
  action,
  actor,
  outcome,
}: Pick<Event, 'action' | 'actor' | 'outcome'>): 'change' | 'access' | null {
  if (CHANGES.has(action)) return outcome === 'ok' ? 'change' : null
  return actor.kind === 'professional' || actor.kind === 'establishment' ? 'access' : null
}
