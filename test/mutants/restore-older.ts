import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A host could be started on an old copy: entries that people saw would be gone, without a word.',
  file: 'src/vault/store/backup.ts',
  find: 'if (entriesOf(database) < known.size) {',
  replace: 'if (known.size < 0) {',
  test: 'test/vault/store/backup.test.ts',
  red: 'a copy that lacks what somebody saw is not restored',
} satisfies Mutant
