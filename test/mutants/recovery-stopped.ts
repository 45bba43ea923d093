import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'An old device could not stop a false identity.',
  file: 'src/log/recovery.ts',
  find: 'demand(!course.stopped,',
  replace: 'demand(course.at !== null,',
  test: 'test/log/recovery.test.ts',
  red: 'a recovery counts after 72 hours',
} satisfies Mutant
