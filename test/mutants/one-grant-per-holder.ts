import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'Two grants to one holder in force: host and auditor could disagree under which one was acted.',
  file: 'src/log/state-chain.ts',
  find: 'unique(holders.map(holder =>',
  replace: 'holders.length >= 0 || unique(holders.map(holder =>',
  test: 'test/log/state-chain.test.ts',
  red: 'grant.give',
} satisfies Mutant
