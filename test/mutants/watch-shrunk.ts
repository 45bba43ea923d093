import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A watcher would forget entries that the log no longer shows.',
  file: 'src/log/audit/follow.ts',
  find: 'if (tree.size < before.size) {',
  replace: 'if (tree.size < before.size) return null\n  if (tree.size < 0) {',
  test: 'test/cli/audit/watch.test.ts',
  red: 'shrunk, forked',
} satisfies Mutant
