import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A watcher would follow a log into a fork.',
  file: 'src/log/audit/follow.ts',
  find: 'if (toBase64url(root) === before.root) return null',
  replace: 'return null',
  test: 'test/cli/audit/watch.test.ts',
  red: 'shrunk, forked',
} satisfies Mutant
