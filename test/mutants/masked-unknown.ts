import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'The answer would tell a masked document from one that never was.',
  file: 'src/vault/reach.ts',
  find: '  if (row === undefined) throw new Refusal(',
  replace: `  if (row === undefined && tx.get('SELECT 1 FROM documents WHERE record = @record AND document = @document', where)) {
    throw new Refusal('no-grant', 'Not open to you')
  }
  if (row === undefined) throw new Refusal(`,
  test: 'test/vault/documents.test.ts',
  red: 'a masked document is, to its own author, one that never was',
} satisfies Mutant
