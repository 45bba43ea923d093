import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A one-time password read over a shoulder would open a second session.',
  file: 'src/vault/sign-ins.ts',
  find: `      this.#passwords.use(tx, handle)
`,
  replace: '',
  test: 'test/api/sign-in.test.ts',
  red: 'a one-time password: five tries, one use, five minutes',
} satisfies Mutant
