import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'What was read of one state would be taken for the next: a grant that was given would not count, one that was revoked would.',
  file: 'src/vault/access.ts',
  find: 'setsOfState(tx, state)',
  replace: 'setsOfState(tx, ((globalThis as { first?: Hash }).first ??= state))',
  test: 'test/vault/access.test.ts',
  red: 'the own grant, and the proof that it is in force',
} satisfies Mutant
