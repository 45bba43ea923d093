import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A document would be sealed at its true length.',
  file: 'src/client/document/seal.ts',
  find: 'this.#plaintextLength = padme(manifest.size)',
  replace: 'this.#plaintextLength = manifest.size',
  test: 'test/client/document/open.test.ts',
  red: 'what was sealed opens again',
} satisfies Mutant
