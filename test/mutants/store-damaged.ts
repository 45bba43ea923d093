import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A host would go on deciding who may read from a database that is damaged.',
  file: 'src/vault/store/sqlite.ts',
  find: '    if (this.#isDistrusted) {',
  replace: '    if (this.#isDistrusted && this.#closed) {',
  test: 'test/vault/store/sqlite.test.ts',
  red: 'a store that was found damaged takes no writes',
} satisfies Mutant
