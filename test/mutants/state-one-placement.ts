import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A document could lie in two places, masked and not.',
  file: 'src/log/state-holds.ts',
  find: 'demand(unique(documents),',
  replace: 'demand(documents.length >= 0,',
  test: 'test/log/state-chain.test.ts',
  red: 'document.mask',
} satisfies Mutant
