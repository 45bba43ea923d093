import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'The threads that answer would not learn that a key they remember was withdrawn.',
  file: 'src/vault/directory.ts',
  find: `    this.#withdrawals.grow()
`,
  replace: '',
  test: 'test/vault/directory.test.ts',
  red: 'withdrawn: remembered by no thread that knew it',
} satisfies Mutant
