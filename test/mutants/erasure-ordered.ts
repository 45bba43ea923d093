import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A host could take events out of its log on nobody’s order.',
  file: 'src/log/audit/erasures.ts',
  find: "else this.#found('No order of the authority covers what was erased here', { seq })",
  replace: '',
  test: 'test/vault/erasure.test.ts',
  red: 'an auditor finds what was erased without an order, unsaid, or before its term',
} satisfies Mutant
