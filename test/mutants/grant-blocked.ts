import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'Somebody whom the patient blocked would be served.',
  file: 'src/vault/access.ts',
  find: ' || isBlocked(setsOfState(tx, state).blocked, caller)) throw none()',
  replace: ') throw none()',
  test: 'test/vault/access.test.ts',
  red: 'the state decides, not the table',
} satisfies Mutant
