import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: `Who changed the contact with a stolen session added a device at once.`,
  file: 'src/vault/sensitive.ts',
  find: `|| now >= known) return`,
  replace: `|| now >= 0) return`,
  test: 'test/journeys/stories.test.ts',
  red: `codes`,
} satisfies Mutant
