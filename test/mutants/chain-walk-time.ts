import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'Behind an erased entry a host could date what follows back.',
  file: 'src/log/chain-walk.ts',
  find: 'if (this.#t !== null && t < this.#t) {',
  replace: 'if (this.#t !== null && t < t) {',
  test: 'test/log/chain-walk.test.ts',
  red: 'time does not run back over what was erased',
} satisfies Mutant
