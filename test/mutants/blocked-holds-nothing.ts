import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'Somebody whom the patient blocked could be let in again by a grant.',
  file: 'src/log/state-holds.ts',
  find: 'demand(!blocked.has(grant.payload.grantee.id),',
  replace: 'demand(grant.hash.length > 0,',
  test: 'test/log/state-chain.test.ts',
  red: 'grant.give',
} satisfies Mutant
