import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A copied working key would do without its card.',
  file: 'src/api/signed.ts',
  find: 'if (holder.kind !== caller.kind || holder.id !== caller.id) {',
  replace: 'if (holder.kind !== caller.kind) {',
  test: 'test/api/signed.test.ts',
  red: 'a working key needs the card it belongs to',
} satisfies Mutant
