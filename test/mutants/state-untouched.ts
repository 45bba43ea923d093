import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A change could slip another one in: a revocation under a mask, a device under a grant.',
  file: 'src/log/state-parts.ts',
  find: 'if (change === undefined) same(part, previous, next)',
  replace: 'if (change === undefined) continue',
  test: 'test/log/state-chain.test.ts',
  red: 'grant.give',
} satisfies Mutant
