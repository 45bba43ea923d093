import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A request could be accepted whose signature no entry of the log can hold.',
  file: 'src/crypto/httpsig.ts',
  find: 'const BASE_MAX = 8 * 1024',
  replace: 'const BASE_MAX = 16 * 1024',
  test: 'test/crypto/httpsig.test.ts',
  red: 'a base longer than an entry of the log holds is neither signed nor read',
} satisfies Mutant
