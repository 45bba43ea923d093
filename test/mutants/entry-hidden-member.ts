import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'An entry could carry an INS in a member that the schema leaves out, past every check of what it may name.',
  file: 'src/log/entry.ts',
  find: '  if (JSON.stringify(said).length !== line.length) throw misfit({ line })\n',
  replace: '',
  test: 'test/log/entry.test.ts',
  red: 'lines of another form are refused',
} satisfies Mutant
