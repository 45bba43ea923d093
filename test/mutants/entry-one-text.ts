import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'One entry could say two acts under one hash: its patient reads one, an auditor with another reader the other.',
  file: 'src/log/entry.ts',
  find: '  if (JSON.stringify(value) !== line) throw misfit({ line })\n',
  replace: '',
  test: 'test/log/entry.test.ts',
  red: 'lines of another form are refused',
} satisfies Mutant
