import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'One entry would cover reading for ever.',
  file: 'src/vault/body-reading.ts',
  find: 'if (read === undefined || request.at.getTime() >= read.until) {',
  replace: 'if (read === undefined) {',
  test: 'test/vault/documents.test.ts',
  red: 'after 15 minutes the read is over',
} satisfies Mutant
