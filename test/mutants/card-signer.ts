import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A stolen Vitale card could block, mask or unmask, and give what it was never let give.',
  file: 'src/log/delegation.ts',
  find: "demand(gives || revokes, 'state-signer',",
  replace: "demand(may.length > 0, 'state-signer',",
  test: 'test/log/state-chain.test.ts',
  red: 'what a delegated card may sign',
} satisfies Mutant
