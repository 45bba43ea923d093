import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A roll could leave a grant in an epoch that is over, or drop one.',
  file: 'src/log/state-chain.ts',
  find: "demand(current.get(id) === epoch, 'state-epoch', 'A grant in force",
  replace: "demand(current.has(id), 'state-epoch', 'A grant in force",
  test: 'test/log/state-chain.test.ts',
  red: 'compartment.roll',
} satisfies Mutant
