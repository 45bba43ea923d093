import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A request could be sent again once its nonce was forgotten.',
  file: 'src/vault/acts.ts',
  find: `      this.#journal.takeNonce(tx, request)
      return work(tx)`,
  replace: '      return work(tx)',
  test: 'test/vault/acts.test.ts',
  red: 'an allowed step that makes no entry uses its nonce up',
} satisfies Mutant
