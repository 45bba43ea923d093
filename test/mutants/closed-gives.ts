import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A record that its patient closed would let people in again.',
  file: 'src/vault/states.ts',
  find: 'if (LETS_IN.has(change.action)) requireNotClosed(tx, record)',
  replace: '',
  test: 'test/vault/closing.test.ts',
  red: 'closed only by who signed in just now, and without a grant in force',
} satisfies Mutant
