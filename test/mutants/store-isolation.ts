import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A refused act would leave what it had begun.',
  file: 'src/vault/store/sqlite.ts',
  find: `      this.#undo('undo')
`,
  replace: '',
  test: 'test/vault/store/sqlite.test.ts',
  red: 'units share a commit and not their failures',
} satisfies Mutant
