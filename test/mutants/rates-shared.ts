import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A client would have as many allowances as the host has threads.',
  file: 'src/api/rates.ts',
  find: 'this.#cells = new BigInt64Array(table.cells)',
  replace: 'this.#cells = new BigInt64Array(CELLS)',
  test: 'test/api/rates.test.ts',
  red: 'threads share one allowance',
} satisfies Mutant
