import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'Whoever serves the pages could swap the worker, which has the keys, and leave the page as it was published.',
  file: 'src/portal/link.ts',
  find: '        integrity: COFFRE_WORKER,\n',
  replace: '',
  test: 'test/cli/portal/build.test.ts',
  red: 'each file is pinned by the one before it',
} satisfies Mutant
