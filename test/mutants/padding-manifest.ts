import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'The length of a title would show.',
  file: 'src/client/document/manifest.ts',
  find: 'return padText(JSON.stringify(manifest), MANIFEST_MIN_BYTES)',
  replace: 'return new TextEncoder().encode(JSON.stringify(manifest))',
  test: 'test/client/document/open.test.ts',
  red: 'the shortest and a long title make manifests of few lengths',
} satisfies Mutant
