import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A request that covers another header than it has would be read as if it were signed.',
  file: 'src/log/audit/quick-entry.ts',
  find: 'if (walk.fixed(BASE.coversSession) !== (session !== undefined)) return null',
  replace: 'walk.fixed(BASE.coversSession)',
  test: 'test/log/audit/quick-entry.test.ts',
  red: 'a line that is only nearly of the form is left to the others',
} satisfies Mutant
