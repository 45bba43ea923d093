import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'Who takes an account over would be told of it, and its owner would not.',
  file: 'src/vault/accounts.ts',
  find: `    this.#notices.tell(tx, recordId, 'change')
    tx.run('DELETE FROM accounts`,
  replace: `    tx.run('DELETE FROM accounts`,
  test: 'test/vault/notices.test.ts',
  red: 'whoever takes an account over is told to the contact known before',
} satisfies Mutant
