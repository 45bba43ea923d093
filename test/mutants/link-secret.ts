import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A link would lead nowhere: what lies before a roll would be lost for good.',
  file: 'src/client/epochs.ts',
  find: 'box(linkKey(next.secret.bytes), info, previous.bytes)',
  replace: 'box(linkKey(next.secret.bytes), info, next.secret.bytes)',
  test: 'test/model/model.test.ts',
  red: 'every world up to',
} satisfies Mutant
