import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A block would be deciphered before it was compared with what its author signed.',
  file: 'src/client/document/body.ts',
  find: 'if (leaf !== undefined && equal(hash, leaf)) return',
  replace: 'if (leaf !== undefined && hash.length === leaf.length) return',
  test: 'test/client/document/open.test.ts',
  red: 'every part that a host alters',
} satisfies Mutant
