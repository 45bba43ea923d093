import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A host that was rolled back would go on as if nothing were missing.',
  file: 'src/vault/journal.ts',
  find: '    if (!known) {',
  replace: '    if (!known && seen === undefined) {',
  test: 'test/vault/journal.test.ts',
  red: 'a host that lost what its caller has seen',
} satisfies Mutant
