import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'The same words would stand for a request made with another key.',
  file: 'src/client/consultation.ts',
  find: '[recordId, request, identity, keyStatement].map(fromBase64url)',
  replace: '[recordId, request, identity, identity].map(fromBase64url)',
  test: 'test/client/consultation.test.ts',
  red: 'six words, the same for the same request and others for any other',
} satisfies Mutant
