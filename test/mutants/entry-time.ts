import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A clock set back would date entries before those that came first.',
  file: 'src/vault/journal.ts',
  find: 'const t = head !== undefined && head.t > now ? head.t : now',
  replace: 'const t = now',
  test: 'test/vault/journal.test.ts',
  red: 'a clock that was set back',
} satisfies Mutant
