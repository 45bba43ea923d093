import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A roll could give somebody more than the patient had given.',
  file: 'src/log/state-chain.ts',
  find: 'withoutSeals(now, rolled) === withoutSeals(before.payload, rolled),',
  replace: 'now.grantId === before.payload.grantId,',
  test: 'test/log/state-chain.test.ts',
  red: 'compartment.roll',
} satisfies Mutant
