import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'Whoever hands the host a text could have its log emptied.',
  file: 'src/log/erasure.ts',
  find: 'keys: [VerifyKey.parse(fromBase64url(erasure.key))],',
  replace: 'keys: [],',
  test: 'test/vault/erasure.test.ts',
  red: 'too early, for nobody, or by nobody’s right: the host refuses',
} satisfies Mutant
