import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A tree that the host alone has signed would count as the log: it can show each reader another.',
  file: 'src/client/log-view.ts',
  find: 'return verified.quorum ? formatProof',
  replace: 'return verified.quorum || true ? formatProof',
  test: 'test/client/professional/promises.test.ts',
  red: 'what no witness has seen yet proves nothing: the receipt waits',
} satisfies Mutant
