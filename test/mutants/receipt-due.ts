import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A host that may promise any date promises nothing.',
  file: 'src/log/receipt.ts',
  find: 'demand(payload.integrateBy === integrateBy(event),',
  replace: 'demand(payload.integrateBy >= integrateBy(event),',
  test: 'test/log/receipt.test.ts',
  red: 'attacks: each is refused',
} satisfies Mutant
