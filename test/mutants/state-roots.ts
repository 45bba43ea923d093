import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A host could show other grants, devices or placements than the patient signed.',
  file: 'src/log/state-holds.ts',
  find: 'demand(setsMatch(payload, sets),',
  replace: 'demand(sets !== null,',
  test: 'test/log/state-chain.test.ts',
  red: 'grant.give',
} satisfies Mutant
