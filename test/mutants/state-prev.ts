import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'Two chains of states could be told to two parties.',
  file: 'src/log/state-chain.ts',
  find: 'demand(after.prev === previous.hash,',
  replace: 'demand(after.prev !== undefined,',
  test: 'test/log/state-chain.test.ts',
  red: 'grant.give',
} satisfies Mutant
