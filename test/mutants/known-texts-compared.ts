import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'Bytes that fall on the place of others would be taken for them: one record’s act would count for another.',
  file: 'src/log/audit/known-texts.ts',
  find: 'if (view.getInt32(from + i, true) !== this.#view.getInt32(own + i, true)) return undefined',
  replace: '',
  test: 'test/log/audit/known-texts.test.ts',
  red: 'what falls on the same place is not taken for it',
} satisfies Mutant
