import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'Plaintext that was written down would stay in memory until the collector comes by.',
  file: 'src/client/document/body.ts',
  find: `  wipe(opened)
  release(opened)
`,
  replace: '',
  test: 'test/client/document/open.test.ts',
  red: 'content that is lent is overwritten',
} satisfies Mutant
