import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'Any card holder could shut any other out, by withdrawing keys that are not theirs.',
  file: 'src/log/key-withdrawal.ts',
  find: 'card.holder.kind === key.payload.kind && card.holder.id === key.payload.nationalId',
  replace: 'true',
  test: 'test/log/key-withdrawal.test.ts',
  red: 'nobody else does',
} satisfies Mutant
