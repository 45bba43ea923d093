import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A witness would sign two trees of one size.',
  file: 'src/log/witness.ts',
  find: 'if (size === known && !equal(root, state?.root ?? emptyRoot())) {',
  replace: 'if (size === known && root.length === 0) {',
  test: 'test/log/witness.test.ts',
  red: 'never a fork',
} satisfies Mutant
