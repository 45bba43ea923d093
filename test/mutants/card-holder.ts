import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A card could vouch for somebody else’s keys.',
  file: 'src/log/key-statement.ts',
  find: 'holder.kind === payload.kind && holder.id === payload.nationalId,',
  replace: 'holder.kind === payload.kind,',
  test: 'test/log/key-statement.test.ts',
  red: 'attacks: each is refused',
} satisfies Mutant
