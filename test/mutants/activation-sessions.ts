import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: `Sessions opened with the lost secret code went on.`,
  file: 'src/vault/accounts.ts',
  find: `tx.run('DELETE FROM sessions WHERE record = @recordId', { recordId })
`,
  replace: ``,
  test: 'test/journeys/stories.test.ts',
  red: `codes`,
} satisfies Mutant
