import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'What others do in a record would be told to nobody.',
  file: 'src/vault/journal.ts',
  find: '    this.#options.onEntry?.(tx, entry)\n',
  replace: '',
  test: 'test/vault/notices.test.ts',
  red: 'an access is told at once',
} satisfies Mutant
