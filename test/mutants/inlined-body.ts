import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A small body, which comes with the answer that opens its read, would be deciphered whatever the host put there.',
  file: 'src/client/document/body.ts',
  find: 'if (leaf !== undefined && equal(hash, leaf)) return',
  replace: 'if ((leaf !== undefined && equal(hash, leaf)) || document.payload.bodyLength <= 65_536) return',
  test: 'test/client/professional/access.test.ts',
  red: 'a small body that a host altered is never opened',
} satisfies Mutant
