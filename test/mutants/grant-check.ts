import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'Anybody with a card would be served under somebody else’s grant.',
  file: 'src/vault/known.ts',
  find: 'WHERE record = @record AND in_force = 1 AND grantee_kind = @kind AND grantee = @id',
  replace: 'WHERE record = @record AND in_force = 1',
  test: 'test/vault/documents.test.ts',
  red: 'nobody else: refused, and the patient sees the attempt',
} satisfies Mutant
