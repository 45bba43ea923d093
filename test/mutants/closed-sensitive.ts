import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'Whoever took over an open session could shut every doctor out of the record.',
  file: 'src/vault/closing.ts',
  find: `      requireRecentSignIn(tx, request)
      const state = requireState(tx, record)`,
  replace: '      const state = requireState(tx, record)',
  test: 'test/vault/closing.test.ts',
  red: 'closed only by who signed in just now, and without a grant in force',
} satisfies Mutant
