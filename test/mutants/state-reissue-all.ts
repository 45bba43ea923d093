import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A roll could leave a grant in an epoch that is over, or drop one.',
  file: 'src/log/state-holds.ts',
  find: 'current.get(id) === epoch,',
  replace: 'current.has(id),',
  test: 'test/log/state-chain.test.ts',
  red: 'compartment.roll',
} satisfies Mutant
