import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A false identity could come in before the patient, told of it, could stop it.',
  file: 'src/log/recovery.ts',
  find: 'demand(waited >= RECOVERY_WAIT_MS,',
  replace: 'demand(waited >= 0,',
  test: 'test/log/recovery.test.ts',
  red: 'a recovery counts after 72 hours',
} satisfies Mutant
