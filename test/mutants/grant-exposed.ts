import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'Who was given a key would not be remembered, and no roll would follow when it is taken back.',
  file: 'src/client/patient/grants.ts',
  find: 'exposed: [...each.exposed.filter(held => held !== before), grantId]',
  replace: 'exposed: each.exposed.slice()',
  test: 'test/model/model.test.ts',
  red: 'every world up to',
} satisfies Mutant
