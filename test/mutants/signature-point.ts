import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A key of small order verifies one signature for many messages; two verifiers would differ on who signed what.',
  file: 'src/crypto/sign.ts',
  find: 'return isBelow(bytes, P, 0x7f) && !SMALL_ORDER_Y.some(y => isPointAt(y, bytes))',
  replace: 'return isBelow(bytes, P, 0x7f)',
  test: 'test/crypto/sign.test.ts',
  red: 'keys: length, small order, copies, wiping',
} satisfies Mutant
