import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A thief who used a letter first would go on, although its owner came with it too.',
  file: 'src/vault/proposals.ts',
  find: "tx.run('UPDATE proposals SET stopped = 1 WHERE registration = @registration', { registration })",
  replace: '',
  test: 'test/journeys/reopening.test.ts',
  red: 'two identities under one letter freeze it',
} satisfies Mutant
