import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { folder } from '../files.ts'
import { DOCTOR } from '../people.ts'
import { patient, proWords } from './parties.ts'
import { check, type Stage, type Step } from './stage.ts'
import { deposit } from './step-5-deposits.ts'
import { documentsOf } from './step-6-reading.ts'

/** The patient reads, masks, revokes; for the doctor the masked document never existed, and the keys move on. */
export const control: Step = {
  number: 7,
  title: 'Camille masks, then revokes',
  async play(stage: Stage) {
    const letter = stage.fact('letter')
    await patientReads(stage)
    await patient(stage, 'mask', letter)
    const left = await documentsOf(stage, 'doctor')
    check(left.length === 2 && !left.includes(letter), 'the masked document is in no list')
    const ins = stage.fact('ins')
    const out = join(folder(join(stage.layout.data, 'read-by-doctor')), 'masked')
    const read = (id: string) => proWords(stage, 'doctor', 'read', id, '--ins', ins, '--out', out)
    const never = randomBytes(16).toString('base64url')
    const codes = [await stage.refused(read(letter), CODES), await stage.refused(read(never), CODES)]
    check(codes[0] === codes[1], 'a masked document and one that never existed get the same answer')
    stage.say(
      'Camille read the three documents at home and masked the letter: for the doctor who wrote it, it never existed.',
    )

    const { result } = await patient(stage, 'revoke', DOCTOR.id)
    check((result.rolled as unknown[]).length > 0, 'the compartments the doctor could read roll')
    await stage.refused(proWords(stage, 'doctor', 'list', '--ins', ins), ['no-grant'])
    const more = await pro(stage)
    stage.leave('second vaccination', more.documentId)
    check(more.epoch >= 1, 'the next deposit is sealed to a new epoch')
    stage.say(
      `Dr Maréchal’s access is over at once, ${(result.rolled as unknown[]).length} compartments have new keys;`,
    )
    stage.say('the clinic, still granted, deposits on under the new epoch.')
  },
}

/** One answer for what is masked, out of reach, or was never there. */
const CODES = ['document-unknown'] as const

/** The patient lists all three, and reads each: the same bytes. */
async function patientReads(stage: Stage): Promise<void> {
  const { result } = await patient(stage, 'list')
  const ids = (result.documents as { documentId: string }[]).map(({ documentId }) => documentId)
  const originals = {
    letter: stage.samples.letter,
    image: stage.samples.image,
    vaccination: stage.samples.vaccination,
  }
  check(ids.length === 3, 'Camille lists three documents')
  for (const [name, original] of Object.entries(originals)) {
    const id = stage.fact(name)
    check(ids.includes(id), `the ${name} is among them`)
    const out = join(folder(join(stage.layout.data, 'read-at-home')), id)
    await patient(stage, 'read', id, '--out', out)
    check(readFileSync(out).equals(readFileSync(original)), 'Camille reads what was deposited, to the last byte')
  }
}

/** The clinic deposits once more; the epoch comes from the new statement. */
async function pro(stage: Stage): Promise<{ documentId: string; epoch: number }> {
  const { documentId, epoch } = await deposit(
    stage,
    'clinic',
    stage.samples.vaccination,
    '--title',
    'Vaccination, rappel',
  )
  return { documentId, epoch }
}
