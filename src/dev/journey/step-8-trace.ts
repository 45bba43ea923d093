import { CLINIC, DOCTOR, OTHER_DOCTOR } from '../people.ts'
import { patient } from './parties.ts'
import { check, type Stage, type Step } from './stage.ts'

/** One line of the trace, as far as the journey reads it. */
interface Line {
  readonly n: number
  readonly action: string
  readonly outcome: string
}

/** What must be in the trace: who did what, how it ended, and at least how often. */
const EXPECTED: readonly (readonly [who: string, action: string, outcome: string, times: number])[] = [
  ['patient', 'record.open', 'ok', 1],
  ['patient', 'account.activate', 'ok', 1],
  ['patient', 'session.start', 'ok', 1],
  [DOCTOR.id, 'access.request', 'ok', 1],
  [CLINIC.id, 'access.request', 'ok', 1],
  ['patient', 'grant.give', 'ok', 2],
  [DOCTOR.id, 'document.deposit', 'ok', 2],
  [CLINIC.id, 'document.deposit', 'ok', 2],
  [DOCTOR.id, 'document.list', 'ok', 2],
  [DOCTOR.id, 'document.read', 'ok', 2],
  [OTHER_DOCTOR.id, 'access.request', 'ok', 1],
  [OTHER_DOCTOR.id, 'access.view', 'refused', 1],
  [OTHER_DOCTOR.id, 'document.read', 'refused', 1],
  ['patient', 'document.list', 'ok', 1],
  ['patient', 'document.read', 'ok', 3],
  ['patient', 'document.mask', 'ok', 1],
  [DOCTOR.id, 'document.read', 'refused', 2],
  ['patient', 'grant.revoke', 'ok', 1],
  ['patient', 'compartment.roll', 'ok', 1],
  [DOCTOR.id, 'access.view', 'refused', 1],
]

/** Every step of the journey is in the patient's trace, verified on the patient's machine. */
export const trace: Step = {
  number: 8,
  title: 'Camille reads the trace',
  async play(stage: Stage) {
    const { result } = await patient(stage, 'trace')
    check((result.problems as unknown[]).length === 0, 'every entry holds')
    const witnesses = new Set((result.witnesses as string[]).map(name => name.replace(/-0x0[46]$/, '')))
    check(witnesses.size === 2, 'both witnesses cosigned the tree in which all of it stands')
    const lines = result.lines as Line[]
    check(
      lines.every(({ n }, i) => n === i),
      'the chain is whole, from the opening on',
    )
    for (const [who, action, outcome, times] of EXPECTED) {
      const found = lines.filter(
        line => line.action === action && line.outcome === outcome && JSON.stringify(line).includes(who),
      )
      check(found.length >= times, `the trace has ${times} × ${action} (${outcome}) of ${who}, not ${found.length}`)
    }
    stage.say(`${lines.length} entries: every step above, each signed by who asked, chained, and under a checkpoint`)
    stage.say('that two witnesses signed. All of it was checked on Camille’s machine, nothing on the host’s word.')
    await patient(stage, 'sign-out')
  },
}
