import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'The folders of a new store are lost with all that was synced in them.',
  file: 'src/vault/vault.ts',
  find: `  for (const made of [folder, dirname(folder)]) await syncFolder(made)
`,
  replace: `  void syncFolder
  void dirname
`,
  test: 'test/faults/power-cut.test.ts',
  red: 'whatever was not synced is lost, and nothing that was acknowledged',
} satisfies Mutant
