import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'The folder of a body goes with all that is in it when its own name is not on the disk.',
  file: 'src/vault/bodies/files.ts',
  find: `    await syncFolder(this.#bodies)
`,
  replace: '',
  test: 'test/faults/power-cut.test.ts',
  red: 'whatever was not synced is lost, and nothing that was acknowledged',
} satisfies Mutant
