import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A grant on one compartment would serve for all, and reading for depositing.',
  file: 'src/vault/access.ts',
  find: 'if (!grant.compartments.some(({ id, rights }) => id === compartment && rights.includes(right))) {',
  replace: 'if (grant.compartments.length === 0) {',
  test: 'test/vault/uploads.test.ts',
  red: 'without the right to deposit there',
} satisfies Mutant
