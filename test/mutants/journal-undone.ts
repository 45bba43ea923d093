import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'After an act that failed, the next entry of its chain would follow one that was never written.',
  file: 'src/vault/journal.ts',
  find: ' || known.undone !== undone',
  replace: '',
  test: 'test/vault/journal.test.ts',
  red: 'what an undone unit wrote is not gone on from',
} satisfies Mutant
