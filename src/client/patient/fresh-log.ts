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
/** Milliseconds to wait for witnesses that are merely slow: the host asks them again within five seconds. */
const PATIENCE_MS = 15_000
const PAUSE_MS = 500

/**
 * Looks at the log before a change that widens access: a quorum of witnesses must have cosigned it within ten minutes.
 * Waits a little for them. Throws `StepError` `log-unwitnessed`, and as `readLog`.
 */
export async function requireFreshLog(
  session: PatientSession,
  action: StateChangeAction,
  { patienceMs = PATIENCE_MS }: { readonly patienceMs?: number } = {},
): Promise<void> {
  if (!WIDENING.has(action)) return
  const deadline = performance.now() + patienceMs
  for (;;) {
    const { isFresh, warnings } = await readLog(session.host, session.trust, session.clock, session.seen.tree)
    if (isFresh) return
    if (performance.now() >= deadline) {
      throw new StepError(`${warnings.join(' ')} Until then nothing more is given to anybody; taking back goes on`, {
        code: 'log-unwitnessed',
      })
    }
    await new Promise(resolve => setTimeout(resolve, PAUSE_MS))
  }
}
