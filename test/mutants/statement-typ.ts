import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'One kind of signed statement would pass for another.',
  file: 'src/crypto/statement.ts',
  find: 'if (header.typ !== policy.typ) {',
  replace: "if (header.typ === '') {",
  test: 'test/log/verified.test.ts',
  red: 'one kind of statement never passes for another',
} satisfies Mutant
