import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A deposit could be taken whose body is not the one that was signed: nobody could read it.',
  file: 'src/vault/uploads.ts',
  find: 'if (root !== deposit.bodyRoot) {',
  replace: "if (root === '') {",
  test: 'test/vault/uploads.test.ts',
  red: 'what was uploaded must be what was signed',
} satisfies Mutant
