import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'Health says that all is well while a full disk refuses every record.',
  file: 'src/vault/log-reader.ts',
  find: `        tx.run("INSERT INTO nonces (key, nonce, expires) VALUES ('health', '', 0) ON CONFLICT DO NOTHING")
`,
  replace: '',
  test: 'test/faults/disk.test.ts',
  red: 'a write fails',
} satisfies Mutant
