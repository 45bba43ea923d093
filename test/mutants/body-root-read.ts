import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A host could put another body in the place of the one its author signed.',
  file: 'src/client/document/body.ts',
  find: 'toBase64url(rootOfLeaves(leaves)) === payload.bodyRoot',
  replace: 'leaves.every(leaf => leaf.length === 32)',
  test: 'test/client/document/open.test.ts',
  red: 'every part that a host alters',
} satisfies Mutant
