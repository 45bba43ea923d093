import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A masked document would be told from one that never was by what the host does for it.',
  file: 'src/vault/reach.ts',
  find: '  if (row === undefined) throw new Refusal(',
  replace: `  if (row === undefined && tx.get('SELECT 1 FROM documents WHERE record = @record AND document = @document', where)) {
    tx.get('SELECT 1 FROM bodies WHERE root = @document', where)
  }
  if (row === undefined) throw new Refusal(`,
  test: 'test/attacks/masked-or-never.test.ts',
  red: 'by the same statements and crypto in the same order',
} satisfies Mutant
