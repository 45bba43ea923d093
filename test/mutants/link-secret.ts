import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A link would lead nowhere: what lies before a roll would be lost for good.',
  file: 'src/client/epochs.ts',
  find: 'wiping(linkKeyOf(next.secret), key => wiping(previous.bytes, secret => box(key, info, secret)))',
  replace: 'wiping(linkKeyOf(next.secret), key => wiping(next.secret.bytes, secret => box(key, info, secret)))',
  test: 'test/model/model.test.ts',
  red: 'every world up to',
} satisfies Mutant
