import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: `The store’s work told whether an INS has an account.`,
  file: 'src/vault/sign-ins.ts',
  find: `record: account?.record ?? NOBODY,`,
  replace: `record: account === undefined ? read.get('SELECT 1') === undefined ? NOBODY : NOBODY : account.record,`,
  test: 'test/vault/sign-ins.test.ts',
  red: `the same statements in the same order`,
} satisfies Mutant
