import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'The same certificate could be written in several ways, each with a fingerprint of its own.',
  file: 'src/crypto/der.ts',
  find: '&& signature.content[0] === 0',
  replace: '',
  test: 'test/crypto/der.test.ts',
  red: 'what no signature covers has one form',
} satisfies Mutant
