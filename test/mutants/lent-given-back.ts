import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'Plaintext that was written down would stay in memory until the collector comes by.',
  file: 'src/client/document/open-blocks.ts',
  find: 'if (areLent) wipe(part) // also when nobody asks for more',
  replace: '',
  test: 'test/client/document/open.test.ts',
  red: 'content that is lent is overwritten',
} satisfies Mutant
