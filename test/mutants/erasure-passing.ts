import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'Grants and deposits would be erased with the reads, and nothing after them could be judged.',
  file: 'src/vault/erasure.ts',
  find: ' && isPassing(parseEvent(lines.event))',
  replace: '',
  test: 'test/vault/erasure.test.ts',
  red: 'a lawful erasure takes the passing events of its range, and the audit holds as before',
} satisfies Mutant
