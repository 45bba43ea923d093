import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A compartment named twice in a grant, with other rights each time, would be read differently by two programs.',
  file: 'src/protocol/statements.ts',
  find: '    .refine(list => distinct[0](list.map(({ id }) => id)), distinct[1]),\n',
  replace: '    .refine(() => true),\n',
  test: 'test/log/grant.test.ts',
  red: 'a grant is the patient’s own',
} satisfies Mutant
