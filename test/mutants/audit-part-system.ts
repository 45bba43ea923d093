import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A thread would judge its records without the keys and letters that the system’s chain tells.',
  file: 'src/cli/audit/store-source.ts',
  find: "% ?, 0) = ? OR chain = 'system'",
  replace: '% ?, 0) = ?',
  test: 'test/log/audit/slice.test.ts',
  red: 'threads share the chains',
} satisfies Mutant
