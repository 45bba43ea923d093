import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'The new name of a file reaches the disk before its content: the published checkpoint is an empty file.',
  file: 'src/vault/durable.ts',
  find: `    await file.writeFile(content)
    await file.sync()
`,
  replace: `    await file.writeFile(content)
`,
  test: 'test/faults/power-cut.test.ts',
  red: 'whatever was not synced is lost, and nothing that was acknowledged',
} satisfies Mutant
