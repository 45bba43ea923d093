import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'An activation could be taken for another record.',
  file: 'src/log/activation.ts',
  find: 'payload.recordId === recordId && ',
  replace: '',
  test: 'test/log/activation.test.ts',
  red: 'attacks: each is refused',
} satisfies Mutant
