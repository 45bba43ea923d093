import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'Any warrant of this identity would do, whatever the log says it came in by.',
  file: 'src/client/succession.ts',
  find: '  demand(change.object.recovery === recovery.hash, change)\n',
  replace: '',
  test: 'test/client/succession.test.ts',
  red: 'what a reader refuses: each line of the page',
} satisfies Mutant
