import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A checkpoint is signed over tiles that are not on the disk: after a power cut the log cannot go on.',
  file: 'src/vault/tile-files.ts',
  find: `        await file.sync()
`,
  replace: '',
  test: 'test/faults/power-cut.test.ts',
  red: 'whatever was not synced is lost, and nothing that was acknowledged',
} satisfies Mutant
