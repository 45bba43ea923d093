import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: `Somebody who is blocked came in under an establishment’s grant.`,
  file: 'src/log/blocked.ts',
  find: `person !== null && blocked.includes(person)`,
  replace: `false`,
  test: 'test/journeys/stories.test.ts',
  red: 'rights',
} satisfies Mutant
