import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: `A doctor withdrew, or passed off as replaced, what another had deposited.`,
  file: 'src/vault/authorship.ts',
  find: `&& isOwn && reaches) return`,
  replace: `&& reaches) return`,
  test: 'test/journeys/stories.test.ts',
  red: `authors`,
} satisfies Mutant
