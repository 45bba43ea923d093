import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: `A withdrawn document was still shown to professionals.`,
  file: 'src/vault/reach.ts',
  find: 'withdrawn = 0 AND compartment IN',
  replace: 'compartment IN',
  test: 'test/journeys/stories.test.ts',
  red: `authors`,
} satisfies Mutant
