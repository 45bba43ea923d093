import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'Whoever deposited could change the body afterwards.',
  file: 'src/vault/bodies/files.ts',
  find: 'if ((await file.stat()).nlink > 1) {',
  replace: 'if ((await file.stat()).nlink > 99) {',
  test: 'test/vault/bodies/files.test.ts',
  red: 'a published body never changes',
} satisfies Mutant
