import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A masked document would be told from one that never was by what the host does for it.',
  file: 'src/vault/documents.ts',
  find: 'if (row === undefined || !reaches(row)) {',
  replace:
    "if (row !== undefined && !reaches(row)) tx.get('SELECT 1 FROM bodies WHERE root = @body', { body: row.body })\n  if (row === undefined || !reaches(row)) {",
  test: 'test/attacks/masked-or-never.test.ts',
  red: 'by the same statements and crypto in the same order',
} satisfies Mutant
