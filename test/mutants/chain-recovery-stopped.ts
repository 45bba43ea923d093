import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'The patient’s own client would follow an identity that a device had stopped.',
  file: 'src/client/patient/succeeding.ts',
  find: 'if (this.#stopped.has(next.hash)) {',
  replace: 'if (this.#stopped.size < 0) {',
  test: 'test/client/patient/succeeding.test.ts',
  red: 'what the chain does not let in',
} satisfies Mutant
