import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'Whoever stole a workstation would go on signing requests after its key was taken back.',
  file: 'src/vault/callers.ts',
  find: 'if (row.withdrawn !== null) throw',
  replace: 'if (row.withdrawn === undefined) throw',
  test: 'test/journeys/stories.test.ts',
  red: 'keys',
} satisfies Mutant
