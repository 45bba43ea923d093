import { toBase64url } from '../../crypto/bytes.ts'
import type { AccountKey } from '../../crypto/keys.ts'
import { statementHash } from '../../crypto/statement.ts'
import type { VerifiedReceipt } from '../../log/receipt.ts'
import type { Bundle } from '../../protocol/bundle.ts'
import type { EventObject } from '../../protocol/entry.ts'
import type { Hash, RequestId } from '../../protocol/ids.ts'
import type { StateChangeAction } from '../../protocol/messages.ts'
import { HostRefusal } from '../errors.ts'
import { marksOf, type Seen } from '../seen.ts'
import { type Change, draftNext } from './draft.ts'
import { requireFreshLog } from './fresh-log.ts'
import type { PatientSession } from './session.ts'
import type { RecordView } from './view.ts'

/** A change that is made again on the newer state when another device was faster. */
export interface PlannedChange extends Change {
  readonly action: StateChangeAction
  /** The access request that a grant answers. */
  readonly answers?: RequestId
  /** What the entry must name besides the new state. */
  readonly object: EventObject
  /** A new account key, which the next bundle is sealed under. */
  readonly accountKey?: AccountKey
}

/** Times that a change is made again on a state that came in between. */
const TRIES = 3

/**
 * Makes a change of the record's state: plans it on the state in force, signs, checks, sends, checks the receipt. When
 * the host says that the state is stale, the newer one is fetched (and must be one that follows what was seen) and the
 * change is planned again.
 * What widens access waits while too few witnesses have seen the log lately.
 * Throws what `plan` throws, `StepError` `log-unwitnessed`, and as `PatientSession.view`, `draftNext`, `PatientSession.write`.
 */
export async function changeState(
  session: PatientSession,
  plan: (view: RecordView) => Promise<PlannedChange>,
): Promise<{ readonly receipt: VerifiedReceipt; readonly state: Hash }> {
  for (let attempt = 1; ; attempt++) {
    const view = await session.view()
    try {
      const planned = await plan(view)
      await requireFreshLog(session, planned.action)
      return await submit(session, view, planned)
    } catch (error) {
      if (attempt === TRIES || !HostRefusal.is(error, 'state-stale')) throw error
    }
  }
}

async function submit(session: PatientSession, view: RecordView, planned: PlannedChange) {
  const { action, answers, object, accountKey = view.accountKey, ...change } = planned
  const draft = await draftNext(
    view,
    { action, ...change },
    {
      deployment: session.trust.anchors.deployment,
      patient: view.patient,
      sign: view.sign,
      accountKey,
      now: session.clock(),
    },
  )
  const { state, sets, bundle } = draft
  const receipt = await session.write(
    {
      method: 'POST',
      path: session.path('/states'),
      body: {
        action,
        state: state.text,
        sets,
        grants: change.grants ?? [],
        placements: change.placement === undefined ? [] : [change.placement],
        slots: change.slots ?? (change.device === undefined ? [] : [change.device]),
        bundle,
        answers: answers ?? null,
      },
    },
    { action, object, state: state.hash },
  )
  await session.see({
    ...session.seen,
    state: { seq: state.payload.seq, hash: state.hash },
    grants: {
      ...session.seen.grants,
      ...Object.fromEntries(
        (change.grants ?? []).map(({ statement }) => [toBase64url(statementHash(statement)), statement]),
      ),
    },
  })
  if (planned.accountKey !== undefined && bundle !== null) {
    await session.rekey(planned.accountKey, { state: state.text, bundle })
  }
  return { receipt, state: state.hash }
}

/** The next bundle of a record, with other compartments. `seen` is what its reader shall not go back behind. */
export function nextBundle(
  seen: Seen,
  view: Pick<RecordView, 'bundle' | 'state'>,
  compartments: Bundle['compartments'] = view.bundle.compartments,
): Bundle {
  return {
    ...view.bundle,
    version: view.bundle.version + 1,
    compartments,
    seen: marksOf(seen, view.state.payload.seq + 1),
  }
}
