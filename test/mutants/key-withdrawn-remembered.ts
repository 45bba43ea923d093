import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A thread that remembers a key would go on taking what is signed with it after its holder withdrew it.',
  file: 'src/vault/callers.ts',
  find: 'if (known?.withdrawals === count)',
  replace: 'if (known !== undefined)',
  test: 'test/vault/directory.test.ts',
  red: 'withdrawn: remembered by no thread that knew it',
} satisfies Mutant
