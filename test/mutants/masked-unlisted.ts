import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A list would show that something is masked.',
  file: 'src/vault/documents.ts',
  find: `AND position > @after AND \${condition}`,
  replace: `AND position > @after`,
  test: 'test/vault/documents.test.ts',
  red: 'a masked document is, to its own author, one that never was',
} satisfies Mutant
