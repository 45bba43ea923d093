import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A compartment that may be read no more kept the key that the holder has.',
  file: 'src/client/patient/grants.ts',
  find: 'grantId] } : each,',
  replace: 'grantId] } : { ...each, exposed: each.exposed.filter(held => held !== before) },',
  test: 'test/journeys/stories.test.ts',
  red: 'rights',
} satisfies Mutant
