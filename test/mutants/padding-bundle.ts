import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'Accented names of compartments would show in the length of the bundle.',
  file: 'src/client/bundle.ts',
  find: 'return padText(JSON.stringify(bundle), BUNDLE_MIN)',
  replace: 'return padText(JSON.stringify(bundle).padEnd(BUNDLE_MIN))',
  test: 'test/client/bundle.test.ts',
  red: 'an accented name of a compartment does not show in its length',
} satisfies Mutant
