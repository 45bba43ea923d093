import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A patient’s program would seal a record’s keys to a key that its holder no longer holds alone.',
  file: 'src/client/trust.ts',
  find: 'if (withdrawn !== null && withdrawn <= check.at) {',
  replace: 'if (withdrawn === undefined) {',
  test: 'test/journeys/stories.test.ts',
  red: 'keys',
} satisfies Mutant
