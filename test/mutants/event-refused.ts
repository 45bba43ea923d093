import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A collector would be told that a refused act was done.',
  file: 'src/log/events/fhir.ts',
  find: "refused: '4'",
  replace: "refused: '0'",
  test: 'test/log/events/fhir.test.ts',
  red: 'every kind of entry',
} satisfies Mutant
