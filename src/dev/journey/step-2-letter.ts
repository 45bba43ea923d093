import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { spokenCode } from '../spoken-text.ts'
import { check, type Stage, type Step } from './stage.ts'

/** The insurer prints the first letter, and the host takes its registration: a signed public key, never the code. */
export const letter: Step = {
  number: 2,
  title: 'The first letter',
  async play(stage: Stage) {
    const code = await issueLetter(stage, 'opening')
    stage.leave('opening code', code)
    stage.say('The insurer printed a letter with the opening code, the only place it is written.')
    stage.say('The host took the registration: the code’s public key, signed by the insurer, for this INS.')
    await stage.refused(issueWords(stage, 'activation'), ['not-opened'])
    stage.say('No activation letter yet: that one leaves only after the record was opened.')
  },
}

/** Has the insurer issue the patient's letter, and reads the code off the paper. */
export async function issueLetter(stage: Stage, purpose: 'opening' | 'activation'): Promise<string> {
  const { result, exitCode } = await stage.coffre(issueWords(stage, purpose))
  check(exitCode === 0, 'what the host told the insurer holds')
  const letters = result.letters as { letter: string; made: boolean }[]
  check(letters.length === 1 && letters[0]?.made === true, 'one letter was made')
  check(result.sent === 1, 'the host took the registration')
  const pdf = readFileSync(join(stage.layout.insurer.letters, letters[0].letter))
  check(pdf.subarray(0, 5).toString('latin1') === '%PDF-', 'the letter is a PDF')
  return spokenCode(pdf)
}

function issueWords(stage: Stage, purpose: 'opening' | 'activation'): string[] {
  const { anchors, insurer } = stage.layout
  return [
    ...['insurer', 'issue', '--purpose', purpose, '--ins', stage.fact('ins')],
    ...['--anchors', anchors, '--key', insurer.key, '--ledger', insurer.ledger],
    ...['--list', insurer.ins, '--out', insurer.letters],
    ...['--from', 'Caisse d’assurance maladie du Rhône', '--from', '276 cours Émile-Zola, 69100 VILLEURBANNE'],
    ...['--place', 'Villeurbanne', '--phone', '36 46', '--portal', 'dmp.invalid'],
  ]
}
