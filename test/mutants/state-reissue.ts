import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A roll could give somebody more than the patient had given.',
  file: 'src/log/state-parts.ts',
  find: 'return JSON.stringify({ ...payload, t: null, compartments })',
  replace: 'return JSON.stringify(compartments.length > 0)',
  test: 'test/log/state-chain.test.ts',
  red: 'compartment.roll',
} satisfies Mutant
