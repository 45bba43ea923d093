import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'Whoever recorded a request could have it done again.',
  file: 'src/vault/journal.ts',
  find: `    if (taken !== undefined) {
      throw new Refusal('nonce-replayed', 'This request was already received; sign a new one')
    }
    const expires = Math.floor(at.getTime() / 1000) + NONCE_SECONDS
    tx.run('INSERT INTO nonces`,
  replace: `    const expires = Math.floor(at.getTime() / 1000) + NONCE_SECONDS
    if (taken === undefined) tx.run('INSERT INTO nonces`,
  test: 'test/vault/journal.test.ts',
  red: 'a request counts once',
} satisfies Mutant
