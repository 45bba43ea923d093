import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A grant would never end by itself.',
  file: 'src/vault/access.ts',
  find: `  if (at.getTime() >= Date.parse(grant.until)) throw none()
`,
  replace: '',
  test: 'test/vault/documents.test.ts',
  red: 'an expired grant and a revoked one end everything at once',
} satisfies Mutant
