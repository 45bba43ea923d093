import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A signature would be verified under a key that was prepared for another signer.',
  file: 'src/crypto/sign.ts',
  find: 'const name = toBase64url(publicKey)',
  replace: 'const name = toBase64url(publicKey.subarray(0, 0))',
  test: 'test/crypto/sign.test.ts',
  red: 'each key verifies what it signed and nothing of another',
} satisfies Mutant
