import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A recovery that a device stopped would go on.',
  file: 'src/vault/proposals.ts',
  find: '  if (row.stopped === 1) throw',
  replace: '  if (row.stopped > 1) throw',
  test: 'test/journeys/reopening.test.ts',
  red: 'somebody else’s new identity is stopped by a device',
} satisfies Mutant
