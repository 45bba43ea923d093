import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A stolen card would count after it was revoked.',
  file: 'src/crypto/certificate-chain.ts',
  find: 'if (revokedAt !== null && (',
  replace: 'if (revokedAt === undefined && (',
  test: 'test/vault/directory.test.ts',
  red: 'a revoked card, and lists that are too old',
} satisfies Mutant
