import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A host could answer that an entry stands where another one does, and never be held to its receipt.',
  file: 'src/client/log-view.ts',
  find: `    verifyInclusion({ leaf: leafHash(fromBase64url(entryHash)), index: leaf, size, root, proof })
`,
  replace: `    void verifyInclusion
    void leafHash
`,
  test: 'test/client/professional/promises.test.ts',
  red: 'a host that names a place where another entry stands is caught by the proof',
} satisfies Mutant
