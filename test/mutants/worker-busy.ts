import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'While the store is slow, requests would pile up in a worker until its memory is full.',
  file: 'src/api/workers/remote-vault.ts',
  find: 'if (calls.size >= MAX_CALLS) {',
  replace: 'if (calls.size < 0) {',
  test: 'test/api/workers/remote-vault.test.ts',
  red: 'calls that wait for an owner who does not come are bounded',
} satisfies Mutant
