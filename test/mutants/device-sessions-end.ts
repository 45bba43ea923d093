import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: `A thief’s open session outlived the device that was taken away.`,
  file: 'src/vault/states.ts',
  find: `tx.run('DELETE FROM sessions WHERE record = @record AND session <> @own'`,
  replace: `tx.run('SELECT 1 FROM sessions WHERE record = @record AND session <> @own AND 0'`,
  test: 'test/journeys/stories.test.ts',
  red: 'devices',
} satisfies Mutant
