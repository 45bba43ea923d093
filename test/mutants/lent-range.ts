import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'Plaintext of a range that was written down would stay in memory until the collector comes by.',
  file: 'src/crypto/chunks.ts',
  find: 'if (areLent) wipe(opened)',
  replace: '',
  test: 'test/client/document/open.test.ts',
  red: 'content that is lent is overwritten',
} satisfies Mutant
