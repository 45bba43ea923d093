import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'Nobody would be warned of an identity that is minutes old.',
  file: 'src/client/identity-history.ts',
  find: 'now.getTime() - since.getTime() < NEW_FOR_MS',
  replace: 'now.getTime() < since.getTime()',
  test: 'test/client/succession.test.ts',
  red: 'an identity is new until witnesses have known it for a day',
} satisfies Mutant
