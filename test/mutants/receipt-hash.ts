import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A host could promise one entry and show another event.',
  file: 'src/log/receipt.ts',
  find: 'demand(hash === payload.entryHash,',
  replace: 'demand(hash.length === 43,',
  test: 'test/log/receipt.test.ts',
  red: 'attacks: each is refused',
} satisfies Mutant
