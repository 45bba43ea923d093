import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A host that freezes a patient in the past could have more given away.',
  file: 'src/client/patient/fresh-log.ts',
  find: 'if (isFresh) return',
  replace: 'if (isFresh || warnings.length > 0) return',
  test: 'test/client/log-view.test.ts',
  red: 'the log as a client sees it',
} satisfies Mutant
