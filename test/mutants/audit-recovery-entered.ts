import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'An auditor would let a new identity in by a recovery that nobody could have stopped.',
  file: 'src/log/audit/recoveries.ts',
  find: 'if (entered === undefined) {',
  replace:
    'if (entered === undefined) return { from: record.identity?.hash, to: hash } as never\n    if (entered === undefined) {',
  test: 'test/log/audit/recoveries.test.ts',
  red: 'one identity follows another',
} satisfies Mutant
