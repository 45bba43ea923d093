import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A body under way would go on after masking or revocation.',
  file: 'src/vault/body-reading.ts',
  find: `    if (!isFirst) check()
`,
  replace: '',
  test: 'test/vault/documents.test.ts',
  red: 'a masked document is, to its own author, one that never was',
} satisfies Mutant
