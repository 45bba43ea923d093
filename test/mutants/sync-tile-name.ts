import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'Tiles whose names are not on the disk are as good as none.',
  file: 'src/vault/tile-files.ts',
  find: `    for (const folder of folders) await syncFolder(folder)
`,
  replace: '',
  test: 'test/faults/power-cut.test.ts',
  red: 'whatever was not synced is lost, and nothing that was acknowledged',
} satisfies Mutant
