import { CLINIC, DOCTOR } from '../people.ts'
import { patient, pro, type Who } from './parties.ts'
import { check, type Stage, type Step } from './stage.ts'

/** A request as the patient's screen shows it. */
interface Request {
  readonly request: string
  readonly nationalId: string
  readonly name: string
}

/** The doctor and the clinic make their keys known, signed by their cards, ask, and are let in by the patient. */
export const access: Step = {
  number: 4,
  title: 'A doctor and a clinic ask; Camille lets them in',
  async play(stage: Stage) {
    await enrol(stage, 'doctor')
    await enrol(stage, 'clinic')
    stage.say('Dr Maréchal’s card and the clinic’s (CDE) opened TLS connections and signed their key statements.')
    await ask(stage, 'doctor')
    await ask(stage, 'clinic')
    const { result } = await patient(stage, 'requests')
    const requests = result.requests as Request[]
    check(requests.length === 2, 'two requests wait for Camille')
    const of = (id: string, name: string): string => {
      const found = requests.find(({ nationalId }) => nationalId === id)
      check(found?.name === name, `the request of ${name} is among them, with the name on the card`)
      return found.request
    }
    await patient(stage, 'grant', '--request', of(DOCTOR.id, `${DOCTOR.givenName} ${DOCTOR.surname}`))
    await patient(stage, 'grant', '--request', of(CLINIC.id, CLINIC.name), '--right', 'vaccination=RD')
    stage.say(
      'Camille saw their names, as on the cards, and granted: the doctor by the table of rights, the clinic vaccinations alone.',
    )
  },
}

/** Makes a workstation of the card's holder. */
export async function enrol(stage: Stage, who: Who): Promise<void> {
  const { layout } = stage
  const { result } = await pro(stage, who, 'enrol', '--anchors', layout.anchors, '--card', layout.cards[who])
  check(result.isNew === true, 'the working keys are new and published')
}

/** Asks the patient for access. */
export async function ask(stage: Stage, who: Who): Promise<void> {
  const { result } = await pro(stage, who, 'request', '--ins', stage.fact('ins'))
  check(result.recordId === stage.fact('record'), 'the request reached Camille’s record')
}
