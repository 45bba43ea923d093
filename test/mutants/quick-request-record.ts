import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A request for a document of one record would cover a read in another.',
  file: 'src/log/audit/quick-request.ts',
  find: 'if (record !== chain) return false',
  replace: '',
  test: 'test/log/audit/quick-entry.test.ts',
  red: 'a request that asked for something else is read as what it asked for',
} satisfies Mutant
