import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A host could serve a device the state from before a revocation, after it had seen the newer one.',
  file: 'src/client/seen.ts',
  find: 'seen.state !== null && seq < seen.state.seq',
  replace: 'seen.state !== null && seq < -1',
  test: 'test/model/model.test.ts',
  red: 'every world up to',
} satisfies Mutant
