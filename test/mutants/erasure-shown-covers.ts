import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'One lawful order would let a host hide any entry of the chain from its patient.',
  file: 'src/client/patient/erasures.ts',
  find: 'if (leaf >= from && leaf < to) return erasure',
  replace: 'if (leaf >= 0 && to > from) return erasure',
  test: 'test/client/patient/erasures.test.ts',
  red: 'any other gap is refused',
} satisfies Mutant
