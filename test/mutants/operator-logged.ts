import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'An operator could copy or restore the store, and the log would not tell.',
  file: 'src/vault/vault.ts',
  find: '  await operatorActs()\n',
  replace: '',
  test: 'test/cli/host/backup.test.ts',
  red: 'copied while it serves, restored where nothing is, and both in the log',
} satisfies Mutant
