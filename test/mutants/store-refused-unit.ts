import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'What a refused act had begun would be committed with the acts of others.',
  file: 'src/vault/store/sqlite.ts',
  find: 'if (this.#tx.hasWritten) {',
  replace: 'if (this.#tx.hasWritten && batch.length === 0) {',
  test: 'test/vault/store/sqlite.test.ts',
  red: 'units share a commit and not their failures',
} satisfies Mutant
