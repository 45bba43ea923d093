import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'Chains that no thread takes would be audited by nobody.',
  file: 'src/log/audit/audit.ts',
  find: 'parts = Promise.all(this.#slices.map(',
  replace: 'parts = Promise.all(this.#slices.slice(0, 1).map(',
  test: 'test/log/audit/slice.test.ts',
  red: 'threads share the chains',
} satisfies Mutant
