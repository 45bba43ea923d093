import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'Whoever asks in a loop would fill a patient’s mailbox.',
  file: 'src/vault/notices.ts',
  find: '    if (row?.message != null && this.#leavesAfter(tx, row.message, now)) return\n',
  replace: '',
  test: 'test/vault/notices.test.ts',
  red: 'an access is told at once, those that follow by one mail later',
} satisfies Mutant
