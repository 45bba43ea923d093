import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'Whoever holds one letter could make two identities of a record with it.',
  file: 'src/client/trust.ts',
  find: ' || letters.size !== identities.length',
  replace: '',
  test: 'test/client/succession.test.ts',
  red: 'papers: a chain of letters that leads back to who was known, and no other',
} satisfies Mutant
