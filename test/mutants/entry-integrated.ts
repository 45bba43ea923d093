import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'An entry could be left out of the tree.',
  file: 'src/vault/integrator.ts',
  find: '      if (seq !== builder.size) {',
  replace: '      if (seq < 0) {',
  test: 'test/vault/integrator.test.ts',
  red: 'an entry that is gone',
} satisfies Mutant
