import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'The host would show and change a record before the 72 hours of a recovery have passed.',
  file: 'src/vault/recoveries.ts',
  find: 'due(each) <= now',
  replace: 'due(each) < Number.POSITIVE_INFINITY',
  test: 'test/journeys/reopening.test.ts',
  red: 'the letter proposes, the doctor vouches in person, 72 hours pass',
} satisfies Mutant
