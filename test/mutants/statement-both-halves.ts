import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'The second signature of a co-signed statement would be for show.',
  file: 'src/crypto/statement.ts',
  find: `for (const [index, signature] of signatures.entries()) {
    const { header }`,
  replace: `for (const [index, signature] of signatures.slice(0, 1).entries()) {
    const { header }`,
  test: 'test/log/identity.test.ts',
  red: 'attacks: each is refused',
} satisfies Mutant
