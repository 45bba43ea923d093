import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'What is sealed after the key was wiped would be sealed under zeros, a key that everybody has.',
  file: 'src/crypto/message-cipher.ts',
  find: "if (this.#isWiped) throw new CryptoError('This message has ended: start another', { code: 'key-wiped' })",
  replace: '',
  test: 'test/crypto/chunks.test.ts',
  red: 'a message that has ended is not gone on with: its key is wiped',
} satisfies Mutant
