import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A key of small order verifies one signature for many messages; two verifiers would differ on who signed what.',
  file: 'src/crypto/sign.ts',
  find: 'return y < P && !SMALL_ORDER_Y.has(y)',
  replace: 'return y < P',
  test: 'test/crypto/sign.test.ts',
  red: 'keys: length, small order, copies, wiping',
} satisfies Mutant
