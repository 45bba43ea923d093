import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'One body could open under two keys, to two different contents: a reader and an auditor would see different documents.',
  file: 'src/crypto/message-cipher.ts',
  find: 'if (!equal(cipher.header, header)) {',
  replace: 'if (header.length !== HEADER_LENGTH) {',
  test: 'test/crypto/chunks.test.ts',
  red: 'another key, another context, a key of the wrong length',
} satisfies Mutant
