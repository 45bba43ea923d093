import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A route would answer whoever signs well, not only those it is for: the insurer could read a record.',
  file: 'src/api/signed.ts',
  find: 'if (!rule.callers.includes(resolved.caller.kind)) {',
  replace: 'if (rule.callers.length === 0) {',
  test: 'test/attacks/sweep.test.ts',
  red: 'the patients’ listener',
} satisfies Mutant
