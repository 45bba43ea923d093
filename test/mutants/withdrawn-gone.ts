import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: `A withdrawn document was still shown to professionals.`,
  file: 'src/vault/documents.ts',
  find: `withdrawn === 0 && open.has(compartment)`,
  replace: `open.has(compartment) && withdrawn < 2`,
  test: 'test/journeys/stories.test.ts',
  red: `authors`,
} satisfies Mutant
