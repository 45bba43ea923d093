import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A fork, or an older identity, would take the place of the one known.',
  file: 'src/client/trust.ts',
  find: 'identity.hash === known || earlier.some(({ hash }) => hash === known)',
  replace: 'identity.hash === known || earlier.length >= 0',
  test: 'test/client/succession.test.ts',
  red: 'papers: a chain of letters that leads back to who was known, and no other',
} satisfies Mutant
