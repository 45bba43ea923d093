import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A body whose name is not on the disk when the database names it is a document without content.',
  file: 'src/vault/bodies/files.ts',
  find: `    await syncFolder(folder)
`,
  replace: '',
  test: 'test/faults/power-cut.test.ts',
  red: 'whatever was not synced is lost, and nothing that was acknowledged',
} satisfies Mutant
