import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A proof could lead to a checkpoint that no witness has seen.',
  file: 'src/client/patient/trace-verify.ts',
  find: 'if (own !== note) {',
  replace: "if (own === '') {",
  test: 'test/client/patient/trace-verify.test.ts',
  red: 'altered on the way',
} satisfies Mutant
