import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'An older bundle, with older keys and memories, could be put back.',
  file: 'src/log/state-parts.ts',
  find: 'demand(after.payload.bundle.version === due,',
  replace: 'demand(due > 0,',
  test: 'test/log/state-chain.test.ts',
  red: 'grant.revoke',
} satisfies Mutant
