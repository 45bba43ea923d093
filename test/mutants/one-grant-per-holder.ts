import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'Two grants to one holder in force: host and auditor could disagree under which one was acted.',
  file: 'src/log/state-holds.ts',
  find: 'demand(unique(holders),',
  replace: 'demand(holders.length >= 0,',
  test: 'test/log/state-chain.test.ts',
  red: 'grant.give',
} satisfies Mutant
