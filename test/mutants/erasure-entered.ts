import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'Events could be erased by an order, and the log never say so.',
  file: 'src/log/audit/erasures.ts',
  find: 'entered === null || entered.seq < order.payload.to',
  replace: 'entered !== null && entered.seq < order.payload.to',
  test: 'test/vault/erasure.test.ts',
  red: 'an auditor finds what was erased without an order, unsaid, or before its term',
} satisfies Mutant
