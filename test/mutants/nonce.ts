import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'Whoever recorded a request could have it done again.',
  file: 'src/vault/journal.ts',
  find: `    if (taken === 0) throw new Refusal('nonce-replayed'`,
  replace: `    if (taken < 0) throw new Refusal('nonce-replayed'`,
  test: 'test/vault/journal.test.ts',
  red: 'a request counts once',
} satisfies Mutant
