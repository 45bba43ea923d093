import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A document could be left out of a list, and nothing would show it.',
  file: 'src/vault/documents.ts',
  find: 'const object = { ids: listHash(page.map(({ document }) => document)), count: page.length }',
  replace: 'const object = { ids: listHash([]), count: page.length }',
  test: 'test/vault/documents.test.ts',
  red: 'a list shows what the grant reaches',
} satisfies Mutant
