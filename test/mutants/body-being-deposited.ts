import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'Cleaning up after a crash would take away the body of a deposit that is just being made.',
  file: 'src/vault/bodies/files.ts',
  find: ' && !this.#isPublished(name)',
  replace: '',
  test: 'test/vault/bodies/files.test.ts',
  red: 'what is being deposited while it is collected stays',
} satisfies Mutant
