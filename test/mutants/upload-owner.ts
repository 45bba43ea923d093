import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'One key could write into another’s upload.',
  file: 'src/vault/uploads.ts',
  find: 'row.record !== record || row.key !== keyId ||',
  replace: 'row.record !== record ||',
  test: 'test/vault/uploads.test.ts',
  red: 'parts: their place, length, digest and sender',
} satisfies Mutant
