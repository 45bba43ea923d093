import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'The answer would tell a masked document from one that never was.',
  file: 'src/vault/reach.ts',
  find: "throw new Refusal('document-unknown', 'There is no such document')",
  replace: `{
    const isThere = tx.get('SELECT 1 FROM documents WHERE record = @record AND document = @document', where)
    throw new Refusal(isThere === undefined ? 'document-unknown' : 'no-grant', 'There is no such document')
  }`,
  test: 'test/vault/documents.test.ts',
  red: 'a masked document is, to its own author, one that never was',
} satisfies Mutant
