import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A sign-in within a session would leave the one before open, for who may have got hold of it.',
  file: 'src/portal/worker/session.ts',
  find: 'await before?.end().catch(() => undefined)',
  replace: '',
  test: 'test/journeys/portal.test.ts',
  red: 'a new device is let in by an old one',
} satisfies Mutant
