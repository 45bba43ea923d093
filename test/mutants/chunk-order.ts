import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'Chunks could be swapped, repeated or left out: each would still be authentic.',
  file: 'src/crypto/message-cipher.ts',
  find: 'nonce[at] = (nonce[at] as number) ^ (left % 256)',
  replace: '',
  test: 'test/crypto/chunks.test.ts',
  red: 'attacks: each is refused, and only authentic chunks came out before',
} satisfies Mutant
