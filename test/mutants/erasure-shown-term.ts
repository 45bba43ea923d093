import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A patient’s program would take an event that was erased too early for one that was erased by right.',
  file: 'src/client/patient/erasures.ts',
  find: '!isTermOver(anchors, { witnessedAt: witnessedAt * 1000, erasedAt })',
  replace: 'false',
  test: 'test/client/patient/erasures.test.ts',
  red: 'any other gap is refused',
} satisfies Mutant
