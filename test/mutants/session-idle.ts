import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A session left open would stay open.',
  file: 'src/vault/sessions.ts',
  find: 'if (idle >= IDLE_SECONDS * 1000) throw',
  replace: 'if (row === undefined) throw',
  test: 'test/attacks/no-session.test.ts',
  red: 'five idle minutes',
} satisfies Mutant
