/** What widens access waits for the witnesses: a host that shows somebody the past must not have more given away in it. */
import type { StateChangeAction } from '../../protocol/messages.ts'
import { StepError } from '../errors.ts'
import { readLog } from '../log-view.ts'
import type { PatientSession } from './session.ts'

/** Changes that give somebody more. What takes something back never waits. */
const WIDENING: ReadonlySet<string> = new Set<StateChangeAction>([
  'grant.give',
  'document.unmask',
  'device.add',
  'access.unblock',
])

/**
 * Looks at the log before a change that widens access: a quorum of witnesses must have cosigned it within ten minutes.
 * Throws `StepError` `log-unwitnessed`, and as `readLog`.
 */
export async function requireFreshLog(session: PatientSession, action: StateChangeAction): Promise<void> {
  if (!WIDENING.has(action)) return
  const { isFresh, warnings } = await readLog(session.host, session.trust, session.clock, session.seen.tree)
  if (isFresh) return
  throw new StepError(`${warnings.join(' ')} Until then nothing more is given to anybody; taking back goes on`, {
    code: 'log-unwitnessed',
  })
}
