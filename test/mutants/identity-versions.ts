import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A host could leave out the identity in force, or show another record’s.',
  file: 'src/client/identity-history.ts',
  find: ' || history.at(-1)?.identity.hash !== known) throw refuse()',
  replace: ') throw refuse()',
  test: 'test/client/professional/access.test.ts',
  red: 'every identity the record ever had',
} satisfies Mutant
