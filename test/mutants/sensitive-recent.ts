import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: `An open session alone, found on a table, could add a device.`,
  file: 'src/vault/sensitive.ts',
  find: `if (now - row.opened > RECENT_MS) {`,
  replace: `if (now < row.opened) {`,
  test: 'test/journeys/stories.test.ts',
  red: 'devices',
} satisfies Mutant
