import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'The quick reader of entries would take an object with a member twice, or with one at which nobody looks.',
  file: 'src/log/entry-lines.ts',
  find: '  if (about === undefined || !namesOnlyIts(act)) return null\n',
  replace: '',
  test: 'test/log/entry-lines.test.ts',
  red: 'what is written in another way is left to the schema',
} satisfies Mutant
