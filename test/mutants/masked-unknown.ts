import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'The answer would tell a masked document from one that never was.',
  file: 'src/vault/documents.ts',
  find: '  if (row === undefined || !reaches(row)) {',
  replace: `  if (row !== undefined && !reaches(row)) throw new Refusal('no-grant', 'Not open to you')
  if (row === undefined) {`,
  test: 'test/vault/documents.test.ts',
  red: 'a masked document is, to its own author, one that never was',
} satisfies Mutant
