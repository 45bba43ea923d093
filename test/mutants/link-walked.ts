import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'After a roll the patient and every reader would lose all documents from before it.',
  file: 'src/client/epochs.ts',
  find: 'epoch > downTo; epoch--',
  replace: 'epoch > current.epoch; epoch--',
  test: 'test/model/model.test.ts',
  red: 'every world up to',
} satisfies Mutant
