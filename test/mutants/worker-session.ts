import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A patient’s key alone would be served by an HTTP worker, without a session.',
  file: 'src/api/workers/remote-vault.ts',
  find: 'const { isDue } = reader.requireSession({ session, recordId, at })',
  replace: 'const isDue = reader.callers === null',
  test: 'test/api/workers/pool.test.ts',
  red: 'sessions, grants and nonces are known to each thread at once',
} satisfies Mutant
