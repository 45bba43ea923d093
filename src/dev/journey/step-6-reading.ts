import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { folder } from '../files.ts'
import { OTHER_DOCTOR } from '../people.ts'
import { patient, pro, proWords } from './parties.ts'
import { check, type Stage, type Step } from './stage.ts'
import { ask, enrol } from './step-4-access.ts'
import { askStraight } from './straight.ts'

/** One line of the trace, as far as this step reads it. */
interface TraceLine {
  readonly who: string
  readonly actor: { readonly id: string }
  readonly outcome: string
}

/** The doctor lists and reads; a doctor without grant is refused at every door, and the patient sees the attempt. */
export const reading: Step = {
  number: 6,
  title: 'The doctor reads; another is refused',
  async play(stage: Stage) {
    const ins = stage.fact('ins')
    const listed = await documentsOf(stage, 'doctor')
    check(listed.length === 3, 'the doctor lists the three documents')
    check(listed.includes(stage.fact('vaccination')), 'the clinic’s among them')
    await readBack(stage, stage.fact('letter'), stage.samples.letter)
    await readBack(stage, stage.fact('image'), stage.samples.image)
    stage.say(
      'Dr Maréchal listed three documents and read two back, bit for bit, each block checked before it was opened.',
    )

    await enrol(stage, 'otherDoctor')
    await ask(stage, 'otherDoctor')
    await stage.refused(proWords(stage, 'otherDoctor', 'list', '--ins', ins), ['no-grant', 'record-unknown'])
    const straight = await askStraight(stage, 'otherDoctor', stage.fact('image'))
    check(straight === 'no-grant' || straight === 'document-unknown', 'who asks past our software is refused too')
    stage.say('Dr Bernier, a real card but no grant, was refused, by our software and by a request made without it.')

    const { result } = await patient(stage, 'trace')
    const attempts = (result.lines as TraceLine[]).filter(
      ({ actor, outcome }) => outcome === 'refused' && actor.id === OTHER_DOCTOR.id,
    )
    check(attempts.length >= 2, 'Camille sees both refused attempts in the trace')
    stage.say(`Camille sees both attempts in the trace, with the name on the card: ${attempts[0]?.who}.`)
  },
}

/** Ids of the documents that a professional's list shows; none may have failed its checks. */
export async function documentsOf(stage: Stage, who: 'doctor' | 'clinic'): Promise<string[]> {
  const { result } = await pro(stage, who, 'list', '--ins', stage.fact('ins'))
  check((result.refused as unknown[]).length === 0, 'every listed document passes its checks')
  return (result.documents as { documentId: string }[]).map(({ documentId }) => documentId)
}

async function readBack(stage: Stage, documentId: string, original: string): Promise<void> {
  const out = join(folder(join(stage.layout.data, 'read-by-doctor')), documentId)
  await pro(stage, 'doctor', 'read', documentId, '--ins', stage.fact('ins'), '--out', out)
  check(readFileSync(out).equals(readFileSync(original)), 'what is read is what was deposited, to the last byte')
}
