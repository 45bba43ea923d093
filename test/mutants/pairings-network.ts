import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'One machine could take all ten thousand places, and nobody could add a device any more.',
  file: 'src/vault/pairings.ts',
  find: 'if (lately.length >= NETWORK_MAX)',
  replace: 'if (lately.length < 0)',
  test: 'test/vault/pairings.test.ts',
  red: 'one network cannot take every place where a new device waits',
} satisfies Mutant
