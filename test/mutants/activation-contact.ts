import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'An activation would go through without a proved contact.',
  file: 'src/vault/accounts.ts',
  find: `  if (used !== 1)`,
  replace: `  if (used > 1)`,
  test: 'test/vault/records.test.ts',
  red: 'activation: code, identity, contact and state together, once',
} satisfies Mutant
