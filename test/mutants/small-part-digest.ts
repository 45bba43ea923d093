import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A short part could be changed on its way and nobody would know who sent what.',
  file: 'src/vault/uploads.ts',
  find: '  requireSigned(sha256(bytes), digest)\n',
  replace: '',
  test: 'test/vault/bodies/small.test.ts',
  red: 'a part in one piece: its length, number and digest',
} satisfies Mutant
