import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A client would take any text for the host’s promise.',
  file: 'src/client/receipts.ts',
  find: "if (event.action !== expected.action) wrong.push('action')",
  replace: "if (event.action === undefined) wrong.push('action')",
  test: 'test/client/receipts.test.ts',
  red: 'a receipt must be the host’s',
} satisfies Mutant
