import { readFileSync } from 'node:fs'
import { CAMILLE, INSURED } from '../people.ts'
import { check, type Stage, type Step } from './stage.ts'

/** The insurer's certified numbers become INSs; the malformed one is refused, with the reason and without the number. */
export const identities: Step = {
  number: 1,
  title: 'From certified numbers to INSs',
  async play(stage: Stage) {
    const { authority, insurer } = stage.layout
    const { result } = await stage.coffre([
      ...['ins', 'derive', '--key', authority.key, '--register', authority.register],
      ...['--in', insurer.people, '--out', insurer.ins],
    ])
    check(result.derived === INSURED.length - 1, 'every number but one gets an INS')
    const refusals = result.refusals as { line: number; message: string }[]
    const [refusal] = refusals
    check(refusals.length === 1 && refusal?.line === INSURED.length + 1, 'the malformed number, alone, is refused')
    const ins = insOf(readFileSync(insurer.ins, 'utf8'), CAMILLE.name)
    const derived = readFileSync(insurer.ins, 'utf8')
    check(
      INSURED.every(({ nir }) => !derived.includes(nir) && !derived.includes(nir.slice(0, 13))),
      'no NIR leaves the INS authority',
    )
    stage.leave('ins', ins)
    const grouped = ins.replace(/(.{5})(?=.)/g, '$1 ')
    stage.say(
      `${INSURED.length - 1} of ${INSURED.length} certified numbers have an INS; Camille Garnier’s is ${grouped}.`,
    )
    stage.say(`Line ${refusal.line} refused: ${refusal.message}.`)
  },
}

/** The INS of a person in the derived list. */
function insOf(csv: string, name: string): string {
  const line = csv.split(/\r?\n/).find(text => text.includes(name))
  const ins = line === undefined ? undefined : /\b\d{22}\b/.exec(line)?.[0]
  check(ins !== undefined, `${name} has an INS of 22 digits`)
  return ins
}
