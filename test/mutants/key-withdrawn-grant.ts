import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A grant whose seals a stolen workstation opens would go on giving documents.',
  file: 'src/vault/access.ts',
  find: 'if (withdrawn !== undefined) throw none()',
  replace: '',
  test: 'test/journeys/stories.test.ts',
  red: 'keys',
} satisfies Mutant
