import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A block would be deciphered before it was compared with what its author signed.',
  file: 'src/client/document/open.ts',
  find: "leaf !== undefined && equal(hash, leaf), 'body-block'",
  replace: "leaf !== undefined && hash.length === leaf.length, 'body-block'",
  test: 'test/client/document/open.test.ts',
  red: 'every part that a host alters',
} satisfies Mutant
