import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'The length of a title would show.',
  file: 'src/client/document/seal.ts',
  find: 'padText(JSON.stringify(this.#manifest), MANIFEST_MIN_BYTES)',
  replace: 'new TextEncoder().encode(JSON.stringify(this.#manifest))',
  test: 'test/client/document/open.test.ts',
  red: 'the shortest and a long title make manifests of few lengths',
} satisfies Mutant
