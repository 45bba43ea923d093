import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A session left open would stay open.',
  file: 'src/vault/sessions.ts',
  find: 'row === undefined || now - row.used >= IDLE_SECONDS * 1000',
  replace: 'row === undefined',
  test: 'test/attacks/no-session.test.ts',
  red: 'five idle minutes',
} satisfies Mutant
