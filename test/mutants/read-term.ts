import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'One entry would cover reading for ever.',
  file: 'src/vault/documents.ts',
  find: 'if (read === undefined || at.getTime() >= read.until) {',
  replace: 'if (read === undefined) {',
  test: 'test/vault/documents.test.ts',
  red: 'after 15 minutes the read is over',
} satisfies Mutant
