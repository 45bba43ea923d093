import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'The length of a document would show in the length of its ciphertext.',
  file: 'src/crypto/padding.ts',
  find: 'return Math.ceil(length / unit) * unit',
  replace: 'return Math.ceil(length / unit) * 0 + length',
  test: 'test/crypto/padding.test.ts',
  red: 'Padmé, by its paper',
} satisfies Mutant
