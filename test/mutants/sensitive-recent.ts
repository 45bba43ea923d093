import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: `An open session alone, found on a table, could add a device.`,
  file: 'src/vault/sensitive.ts',
  find: 'if (at.getTime() - row.opened <= RECENT_MS) return',
  replace: 'if (row.opened > 0) return',
  test: 'test/journeys/stories.test.ts',
  red: 'devices',
} satisfies Mutant
