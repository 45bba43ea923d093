import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'What was read of one state would be taken for the next: a grant that was given would not count, one that was revoked would.',
  file: 'src/vault/access.ts',
  find: 'grantIn(tx, { record, state }, caller)',
  replace: 'grantIn(tx, { record, state: ((globalThis as { first?: Hash }).first ??= state) }, caller)',
  test: 'test/vault/access.test.ts',
  red: 'the own grant, and the proof that it is in force',
} satisfies Mutant
