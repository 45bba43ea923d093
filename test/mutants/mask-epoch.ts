import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A masked document would be sealed to another key than masked’s: lost, or open to who should not see it.',
  file: 'src/client/patient/placements.ts',
  find: 'const next = stateCompartment(view, goes)',
  replace: 'const next = stateCompartment(view, lies)',
  test: 'test/model/model.test.ts',
  red: 'every world up to',
} satisfies Mutant
