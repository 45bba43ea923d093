import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A card that was good once would be good for every document that came later, revoked or not.',
  file: 'src/client/document/author.ts',
  find: 'if (before !== undefined && before.from <= at && at <= before.until) return before.key',
  replace: 'if (before !== undefined && before.from <= at) return before.key',
  test: 'test/client/document/author.test.ts',
  red: 'many documents of one author',
} satisfies Mutant
