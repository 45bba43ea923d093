import { Closed } from '../../protocol/messages.ts'
import { grantsInForce, revokeGrant } from './grants.ts'
import type { PatientSession } from './session.ts'

/** A record that was closed. */
export interface RecordClosed {
  /** Grants that were taken back first. */
  readonly revoked: number
  /** When the host destroys it, unless it is opened again before. */
  readonly destroyedAt: Date
}

/**
 * Closes the record: takes back every grant, then has the host let nobody in but the patient, who reads and exports on. It
 * is kept for the legal time and then destroyed. Interrupted, it goes on when it is called again. Wants a sign-in of the
 * last ten minutes. Throws `HostRefusal` (`sign-in-again`, `contact-new`), as `PatientSession.write`.
 */
export async function closeRecord(session: PatientSession): Promise<RecordClosed> {
  const grants = grantsInForce(await session.view(), session.clock())
  for (const { grantId } of grants) await revokeGrant(session, grantId)
  const request = { method: 'POST', path: session.path('/close'), body: {}, answer: Closed } as const
  const { destroyedAt, receipt } = await session.call(request)
  await session.keepReceipt(receipt, { action: 'record.close' })
  return { revoked: grants.length, destroyedAt: new Date(destroyedAt) }
}

/** Opens a closed record again; nobody has access until the patient gives it anew. Throws as `closeRecord`, `HostRefusal` `record-open`. */
export async function undoClosing(session: PatientSession): Promise<void> {
  await session.write({ method: 'POST', path: session.path('/reopen'), body: {} }, { action: 'record.reopen' })
}
