import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: `Correcting a masked document told its author that it is masked.`,
  file: 'src/vault/authorship.ts',
  find: `const reaches = held.grant.compartments.some(({ id }) => id === row?.compartment)`,
  replace: `const reaches = held.hash !== ''`,
  test: 'test/journeys/stories.test.ts',
  red: `authors`,
} satisfies Mutant
