import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A part of an upload is acknowledged while its bytes are still in memory: the document it becomes has holes.',
  file: 'src/vault/bodies/files.ts',
  find: `      await file.sync()
`,
  replace: '',
  test: 'test/faults/power-cut.test.ts',
  red: 'whatever was not synced is lost, and nothing that was acknowledged',
} satisfies Mutant
