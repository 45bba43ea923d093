import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'The length of a title would show.',
  file: 'src/client/document/seal.ts',
  find: "return padText(json + ' '.repeat(Math.max(0, MANIFEST_MIN_BYTES - utf8(json).length)))",
  replace: 'return utf8(json)',
  test: 'test/client/document/open.test.ts',
  red: 'the shortest and a long title make manifests of few lengths',
} satisfies Mutant
