import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'Whoever hands over an exported trace could leave out its end.',
  file: 'src/client/patient/trace-verify.ts',
  find: 'if (check.state !== state.hash) {',
  replace: 'if (check.state === null) {',
  test: 'test/client/patient/trace-verify.test.ts',
  red: 'altered on the way',
} satisfies Mutant
