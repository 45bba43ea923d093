import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A destroyed record would still tell whose it was.',
  file: 'src/vault/closing.ts',
  find: "  tx.run(`UPDATE records SET ins = 'destroyed ' || record WHERE record = @record`, { record })\n",
  replace: '',
  test: 'test/vault/closing.test.ts',
  red: 'destroyed when its time has come',
} satisfies Mutant
