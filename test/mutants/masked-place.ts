import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'The order of compartments would tell the host which one is masked.',
  file: 'src/client/patient/opening.ts',
  find: 'shuffled(COMPARTMENT_KINDS).map',
  replace: 'COMPARTMENT_KINDS.map',
  test: 'test/client/patient/shuffled.test.ts',
  red: 'no place in the state tells which compartment is the masked one',
} satisfies Mutant
