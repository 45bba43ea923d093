import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A part could be changed on its way and nobody would know who sent what.',
  file: 'src/vault/uploads.ts',
  find: '  if (!equal(sha256OfPart, digest)) throw',
  replace: '  if (digest.length === 0) throw',
  test: 'test/vault/uploads.test.ts',
  red: 'parts: their place, length, digest and sender',
} satisfies Mutant
