import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A part is acknowledged in a file whose name may be gone after a power cut.',
  file: 'src/vault/bodies/files.ts',
  find: `    await syncFolder(this.#uploads)
`,
  replace: '',
  test: 'test/faults/power-cut.test.ts',
  red: 'whatever was not synced is lost, and nothing that was acknowledged',
} satisfies Mutant
