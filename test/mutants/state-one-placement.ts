import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A document could lie in two places, masked and not.',
  file: 'src/log/state-chain.ts',
  find: 'demand(unique(documentsOf(sets, placements)),',
  replace: 'demand(sets.placements.length >= 0,',
  test: 'test/log/state-chain.test.ts',
  red: 'document.mask',
} satisfies Mutant
