import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A refused act that wrote by a statement which also reads would not be undone.',
  file: 'src/vault/store/sqlite.ts',
  find: 'if (!prepared.statement.readonly) this.hasWritten = true',
  replace: '',
  test: 'test/vault/store/sqlite.test.ts',
  red: 'a unit that is refused before it wrote',
} satisfies Mutant
