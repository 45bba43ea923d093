import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'Whoever knows the seed opens the seal: it must be drawn for each.',
  file: 'src/crypto/seal.ts',
  find: 'return sealEncapsulated(xwing.encapsulate(to.bytes), info, plaintext)',
  replace: 'return sealEncapsulated(xwingEncapsulate(to.bytes, new Uint8Array(64)), info, plaintext)',
  test: 'test/crypto/seal.test.ts',
  red: 'what is sealed opens; each time it looks different',
} satisfies Mutant
