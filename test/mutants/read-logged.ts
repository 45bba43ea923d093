import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'Ranges of a body could be had without any entry of a read.',
  file: 'src/vault/body-reading.ts',
  find: 'if (read === undefined || request.at.getTime() >= read.until) {',
  replace: 'if (read !== undefined && request.at.getTime() >= read.until) {',
  test: 'test/vault/documents.test.ts',
  red: 'a read: the entry first',
} satisfies Mutant
