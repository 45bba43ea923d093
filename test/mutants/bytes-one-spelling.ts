import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A text whose spare bits are set would pass every schema and be another spelling of the same bytes.',
  file: 'src/protocol/ids.ts',
  find: "\n    .refine(isCanonical, 'expected base64url with no spare bit set')",
  replace: '',
  test: 'test/protocol/ids.test.ts',
  red: 'byte fields have one spelling, as their decoder wants it',
} satisfies Mutant
