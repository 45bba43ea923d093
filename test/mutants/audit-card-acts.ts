import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'An auditor would let a delegated card do all that the patient may.',
  file: 'src/log/audit/examination.ts',
  find: 'return !(CARDS_ACTS.has(action) && record',
  replace: 'return !(record',
  test: 'test/log/audit/recoveries.test.ts',
  red: 'a card that the patient delegated',
} satisfies Mutant
