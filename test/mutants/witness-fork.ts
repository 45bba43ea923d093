import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A witness would sign two histories of one log.',
  file: 'src/log/witness.ts',
  find: `  verifyConsistency({ oldSize: state.size, oldRoot: state.root, size, root, proof })
`,
  replace: '',
  test: 'test/log/witness.test.ts',
  red: 'never a fork',
} satisfies Mutant
