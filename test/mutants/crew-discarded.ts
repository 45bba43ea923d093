import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'Plaintext that a crew opened for a reader who left would stay in memory.',
  file: 'src/client/document/open-blocks.ts',
  find: 'block => block.discard(),',
  replace: '() => undefined,',
  test: 'test/client/document/crew.test.ts',
  red: 'several bodies at once, one of them left early',
} satisfies Mutant
