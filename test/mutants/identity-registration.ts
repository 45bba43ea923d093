import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A host could slip in an identity made under another letter.',
  file: 'src/log/identity.ts',
  find: 'identity.payload.registration === registration.hash,',
  replace: 'identity.payload.registration.length === 43,',
  test: 'test/log/identity.test.ts',
  red: 'attacks: each is refused',
} satisfies Mutant
