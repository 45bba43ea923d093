import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'Two boxes under one key would share their key stream: what is in one could be read off the other.',
  file: 'src/crypto/box.ts',
  find: 'return boxWithSalt(key, info, plaintext, randomBytes(SALT))',
  replace: 'return boxWithSalt(key, info, plaintext, randomBytes(SALT).fill(0))',
  test: 'test/crypto/box.test.ts',
  red: 'the same content twice shares nothing',
} satisfies Mutant
