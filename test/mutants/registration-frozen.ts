import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'Somebody else who holds the letter would go unnoticed.',
  file: 'src/vault/records.ts',
  find: `        tx.run('UPDATE registrations SET frozen = 1 WHERE hash = @hash', { hash: registration })
`,
  replace: '',
  test: 'test/vault/records.test.ts',
  red: 'two identities under one code',
} satisfies Mutant
