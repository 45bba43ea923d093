import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'After a revocation nothing would be rolled: the removed reader would hold the key of all that comes.',
  file: 'src/client/patient/roll.ts',
  find: 'exposed.some(grant => !reading.has(',
  replace: 'exposed.some(grant => grant.length === 0 && !reading.has(',
  test: 'test/model/model.test.ts',
  red: 'every world up to',
} satisfies Mutant
