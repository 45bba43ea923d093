import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'The host would erase what is too young, and be caught by the first audit.',
  file: 'src/vault/erasure.ts',
  find: 'if (isTermOver(anchors, times)) return',
  replace: 'return',
  test: 'test/vault/erasure.test.ts',
  red: 'too early, for nobody, or by nobody’s right: the host refuses',
} satisfies Mutant
