import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'After a roll, whoever was shut out could still open what comes new.',
  file: 'src/vault/uploads.ts',
  find: 'if (current?.epoch !== epoch) {',
  replace: 'if (current === undefined) {',
  test: 'test/vault/uploads.test.ts',
  red: 'the epoch must be the one in force when the deposit arrives',
} satisfies Mutant
