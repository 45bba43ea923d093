import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'An encrypted export would hold zeros, or pieces of the next document, where memory was used again.',
  file: 'src/client/age.ts',
  find: 'controller.enqueue(value.slice())',
  replace: 'controller.enqueue(value)',
  test: 'test/client/age.test.ts',
  red: 'a recipient opens it with age itself',
} satisfies Mutant
