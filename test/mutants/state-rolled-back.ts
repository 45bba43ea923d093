import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A host could serve yesterday’s state, with the grant that was taken back today.',
  file: 'src/client/seen.ts',
  find: 'seen.state !== null && seq < seen.state.seq',
  replace: 'seen.state !== null && seq < 0',
  test: 'test/client/patient/view.test.ts',
  red: 'what a host serves as the state',
} satisfies Mutant
