import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'The proof of one leaf would hold in other states: a grant taken back would still be proved.',
  file: 'src/log/sets.ts',
  find: 'hmacSha256(fromBase64url(seed),',
  replace: 'hmacSha256(fromBase64url(seed).fill(0),',
  test: 'test/log/sets.test.ts',
  red: 'every leaf is proved',
} satisfies Mutant
