import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'Whoever may deposit could take all of the disk.',
  file: 'src/vault/room.ts',
  find: ' || (quota !== null && keptBytes(tx) + bytes > quota)',
  replace: '',
  test: 'test/vault/room.test.ts',
  red: 'all bodies together stay within the quota',
} satisfies Mutant
