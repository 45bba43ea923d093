import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'Other users of the machine could read the store.',
  file: 'src/vault/store/sqlite.ts',
  find: `    chmodSync(file, 0o600)
`,
  replace: `    chmodSync(file, 0o644)
`,
  test: 'test/vault/store/sqlite.test.ts',
  red: 'durability is asked for and read back',
} satisfies Mutant
