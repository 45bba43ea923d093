import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A list would show that something is masked.',
  file: 'src/vault/documents.ts',
  find: 'const open = rows.filter(reaches)',
  replace: "const open = rows.filter(({ compartment }) => compartment !== '' as string)",
  test: 'test/vault/documents.test.ts',
  red: 'a masked document is, to its own author, one that never was',
} satisfies Mutant
