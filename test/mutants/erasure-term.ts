import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'Events could be erased the day after they happened.',
  file: 'src/log/audit/erasures.ts',
  find: '!isTermOver(this.#anchors, { witnessedAt, erasedAt: entered.t })',
  replace: 'false',
  test: 'test/vault/erasure.test.ts',
  red: 'an auditor finds what was erased without an order, unsaid, or before its term',
} satisfies Mutant
