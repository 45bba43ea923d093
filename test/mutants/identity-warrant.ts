import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'An insider at the insurer could put a new identity in the place of the patient’s at once.',
  file: 'src/log/state-chain.ts',
  find: "demand(meant, 'state-warrant',",
  replace: "demand(meant || true, 'state-warrant',",
  test: 'test/log/state-chain.test.ts',
  red: 'a new identity comes in by a warrant for it',
} satisfies Mutant
