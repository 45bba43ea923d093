import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'An establishment could act on a grant to a professional of the same number.',
  file: 'src/vault/known.ts',
  find: "AND in_force = 1 AND grantee_kind = @kind AND grantee = @id'",
  replace: "AND in_force = 1 AND grantee = @id'",
  test: 'test/vault/access.test.ts',
  red: 'a grant is this holder’s, in the state in force, before its term',
} satisfies Mutant
