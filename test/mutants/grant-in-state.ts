import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A row left over in a table would count for more than what the patient signed.',
  file: 'src/vault/known.ts',
  find: 'row === undefined || !setsOfState(tx, state).grants.has(row.hash)',
  replace: 'row === undefined',
  test: 'test/vault/access.test.ts',
  red: 'the state decides, not the table',
} satisfies Mutant
