import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: `A stranger kept a patient out for a day.`,
  file: 'src/vault/sign-in-failures.ts',
  find: `device === '' ? UNKNOWN : KNOWN`,
  replace: `device === '' ? { ...UNKNOWN, longest: KNOWN.longest } : KNOWN`,
  test: 'test/vault/sign-ins.test.ts',
  red: `unknown devices wait longer each time`,
} satisfies Mutant
