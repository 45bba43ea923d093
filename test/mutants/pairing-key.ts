import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: `The host put its own key in the place of the new device’s, and got the account key.`,
  file: 'src/client/patient/pairing.ts',
  find: `if (!equal(pairingHash(nonce, key), hash)) {`,
  replace: `if (key.length === 0) {`,
  test: 'test/journeys/stories.test.ts',
  red: 'devices',
} satisfies Mutant
