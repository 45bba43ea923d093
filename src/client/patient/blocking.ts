import type { NationalId } from '../../protocol/ids.ts'
import { StepError } from '../errors.ts'
import { changeState, nextBundle, type PlannedChange } from './change.ts'
import { type Revoked, settle } from './grants.ts'
import type { PatientSession } from './session.ts'
import type { RecordView } from './view.ts'

/**
 * Keeps a professional or an establishment out: takes back what they hold, and from then on nothing lets them in, be it
 * their own grant, a request, or an establishment's grant under which they act. Then what they could read is rolled.
 * Throws `StepError` `already-blocked`; as `changeState`, `settle`.
 */
export async function blockHolder(session: PatientSession, nationalId: NationalId): Promise<Revoked> {
  const taken = new Set<Revoked['revoked'][number]>()
  await changeState(session, async view => {
    taken.clear()
    for (const { payload } of grantsOf(view, nationalId)) taken.add(payload.grantId)
    return planBlock(view, nationalId, nextBundle(session.seen, view))
  })
  const done = await settle(session)
  return { revoked: [...taken, ...done.revoked], rolled: done.rolled }
}

/** Lets somebody ask again; no access comes back by it. Throws `StepError` `not-blocked`; as `changeState`. */
export async function unblockHolder(session: PatientSession, nationalId: NationalId): Promise<void> {
  await changeState(session, async view => planUnblock(view, nationalId))
}

/** Who is blocked, by national id. */
export function blockedHolders({ sets }: Pick<RecordView, 'sets'>): readonly NationalId[] {
  return sets.blocked
}

function planBlock(view: RecordView, nationalId: NationalId, bundle: PlannedChange['bundle']): PlannedChange {
  const { blocked } = view.sets
  if (blocked.includes(nationalId)) {
    throw new StepError(`${nationalId} is blocked already; nothing was changed`, { code: 'already-blocked' })
  }
  return {
    action: 'access.block',
    dropGrants: grantsOf(view, nationalId).map(({ hash }) => hash),
    blocked: [...blocked, nationalId],
    ...(bundle === undefined ? {} : { bundle }),
    object: { holder: nationalId },
  }
}

function planUnblock({ sets }: RecordView, nationalId: NationalId): PlannedChange {
  const blocked = sets.blocked.filter(id => id !== nationalId)
  if (blocked.length === sets.blocked.length) {
    throw new StepError(`${nationalId} is not blocked; nothing was changed`, { code: 'not-blocked' })
  }
  return { action: 'access.unblock', blocked, object: { holder: nationalId } }
}

function grantsOf({ grants }: RecordView, nationalId: NationalId) {
  return [...grants.values()].filter(({ payload }) => payload.grantee.id === nationalId)
}
