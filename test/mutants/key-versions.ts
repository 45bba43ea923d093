import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A host could leave out a key that somebody published in a holder’s name.',
  file: 'src/client/key-history.ts',
  find: 'if (seq !== history.length || prev !== (before?.hash ?? null) || holder !== nationalId) {',
  replace: 'if (holder !== nationalId) {',
  test: 'test/client/key-history.test.ts',
  red: 'a version left out, altered, or whose entry is another’s is refused',
} satisfies Mutant
