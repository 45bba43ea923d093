import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'The export for auditors would carry INS, contacts and ciphertext.',
  file: 'src/vault/store/log-export.ts',
  find: `WHERE type = 'view' AND name LIKE 'audit\\\\_%' ESCAPE '\\\\'\``,
  replace: `WHERE type IN ('view', 'table') AND name NOT LIKE 'sqlite%' AND name <> 'entries'\``,
  test: 'test/cli/host/export-log.test.ts',
  red: 'no INS, no ciphertext, no mail address, no bearer is in it',
} satisfies Mutant
