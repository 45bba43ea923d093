import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A client’s own file could hold a member that it looks past, and be another than the one it reads.',
  file: 'src/client/seen.ts',
  find: " && !Object.hasOwn(value, '__proto__')",
  replace: '',
  test: 'test/client/seen.test.ts',
  red: 'a file of what was seen says nothing that is not read',
} satisfies Mutant
