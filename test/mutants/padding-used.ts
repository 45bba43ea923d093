import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A document would be sealed at its true length.',
  file: 'src/client/document/seal.ts',
  find: 'padStream(exactly(this.#manifest.size, content))',
  replace: 'exactly(this.#manifest.size, content)',
  test: 'test/client/document/open.test.ts',
  red: 'what was sealed opens again',
} satisfies Mutant
