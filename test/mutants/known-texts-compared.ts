import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'Bytes that fall on the place of others would be taken for them: one record’s act would count for another.',
  file: 'src/log/audit/known-texts.ts',
  find: 'if (bytes[i] !== this.#bytes[own]) return undefined',
  replace: '',
  test: 'test/log/audit/known-texts.test.ts',
  red: 'what falls on the same place is not taken for it',
} satisfies Mutant
