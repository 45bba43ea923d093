import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'Nobody could say who acted for an establishment.',
  file: 'src/api/signed.ts',
  find: `  if (header === undefined)
    throw new Refusal('malformed', 'An establishment must name the acting person in coffre-acting')
`,
  replace: `  if (header === undefined) return caller
`,
  test: 'test/api/signed.test.ts',
  red: 'the acting person',
} satisfies Mutant
