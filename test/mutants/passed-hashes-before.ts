import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A request could claim to have seen an entry that was written after it.',
  file: 'src/cli/audit/passed-hashes.ts',
  find: 'seq < 0 || seq >= before',
  replace: 'seq < 0',
  test: 'test/cli/audit/passed-hashes.test.ts',
  red: 'what was noted is known, for what comes after it alone',
} satisfies Mutant
