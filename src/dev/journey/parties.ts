import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DevError } from '../errors.ts'
import { NURSE } from '../people.ts'
import { spokenGroups } from '../spoken-text.ts'
import type { Answer, Outcome, Stage } from './stage.ts'

// Who types what: the patient at home, professionals at their workstations, each with the files of the world.

/** The patient's address, where one-time passwords go. */
export const MAIL = 'camille.garnier@exemple.invalid'

/** The secret code Camille chose. Nobody else knows it; the host never sees it. */
export const SECRET_CODE = 'Tilleul-47-brume'

/** `coffre patient …` in the patient's home folder. */
export function patient(stage: Stage, verb: string, ...rest: string[]): Promise<Outcome> {
  return stage.coffre(patientWords(stage, verb, ...rest), patientAnswers(stage))
}

/** The words alone, for what must be refused. */
export function patientWords(stage: Stage, verb: string, ...rest: string[]): string[] {
  return ['patient', verb, ...rest, '--home', stage.layout.patient]
}

/** What Camille answers: codes from the letters, the recovery key from the kit, the one-time password from the mail. */
export function patientAnswers(stage: Stage): Answer {
  return async question => {
    const group = /^Group (\d+)/.exec(question)?.[1]
    if (group !== undefined) return spokenGroups(readFileSync(kitFile(stage)))[Number(group) - 1] ?? ''
    if (question.startsWith('One-time password')) return await stage.running.mail.oneTimePassword(MAIL)
    if (question.startsWith('Opening code')) return stage.fact('opening code')
    if (question.startsWith('Activation code')) return stage.fact('activation code')
    if (question.startsWith('Recovery key')) return spokenGroups(readFileSync(kitFile(stage))).join('-')
    if (question.startsWith('Secret code')) return SECRET_CODE
    throw new DevError(`The journey does not know what to answer to "${question}"`, { code: 'step-failed' })
  }
}

/** The recovery kit as printed. */
export function kitFile({ layout }: Stage): string {
  return join(layout.patient, 'kit.pdf')
}

/** A card holder of the world. */
export type Who = 'doctor' | 'otherDoctor' | 'clinic'

/** `coffre pro …` at a workstation, with its holder's card and PIN. */
export function pro(stage: Stage, who: Who, verb: string, ...rest: string[]): Promise<Outcome> {
  return stage.coffre(proWords(stage, who, verb, ...rest))
}

/** The words alone, for what must be refused. The clinic names the nurse who acts, every time. */
export function proWords({ layout }: Stage, who: Who, verb: string, ...rest: string[]): string[] {
  const acting = ['--acting-id', NURSE.id, '--acting-name', NURSE.name, '--acting-role', NURSE.role]
  return [
    ...['pro', verb, ...rest],
    ...['--home', layout.workstations[who], '--pin-file', join(layout.cards[who], 'pin.txt')],
    ...(who === 'clinic' ? acting : []),
  ]
}
