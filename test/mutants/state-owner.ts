import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'Somebody else than the patient could send the patient’s change, or read the whole state.',
  file: 'src/vault/acts.ts',
  find: "if (caller.kind !== 'patient' || caller.recordId !== record) {",
  replace: "if (caller.kind === 'insurer' as string) {",
  test: 'test/vault/states.test.ts',
  red: 'nobody but the patient sees or changes it',
} satisfies Mutant
