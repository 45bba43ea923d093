import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'Something could hide where padding should be.',
  file: 'src/crypto/padding.ts',
  find: 'if (!isZero(piece.subarray(inside))) throw wrong()',
  replace: '',
  test: 'test/crypto/padding.test.ts',
  red: 'padding that is not zeros',
} satisfies Mutant
