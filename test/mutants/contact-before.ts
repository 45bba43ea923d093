import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: `A stolen session that changed the contact shut the patient out.`,
  file: 'src/vault/sign-ins.ts',
  find: `alsoTo: isNew ? account.contactBefore : null,`,
  replace: `alsoTo: null,`,
  test: 'test/journeys/stories.test.ts',
  red: `codes`,
} satisfies Mutant
