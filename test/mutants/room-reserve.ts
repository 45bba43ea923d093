import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'Documents would fill the disk, and then nothing could be read, masked or revoked any more.',
  file: 'src/vault/room.ts',
  find: 'bavail * bsize - bytes < reserve || ',
  replace: '',
  test: 'test/vault/room.test.ts',
  red: 'documents leave the reserve free',
} satisfies Mutant
