import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A state could be skipped, or an old number come again: clients that keep the highest would be led astray.',
  file: 'src/log/state-chain.ts',
  find: 'demand(after.seq === before.seq + 1,',
  replace: 'demand(after.seq >= 0,',
  test: 'test/log/state-chain.test.ts',
  red: 'grant.give',
} satisfies Mutant
