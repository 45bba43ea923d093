import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A mailed code would open as often as one likes.',
  file: 'src/vault/registrations.ts',
  find: `    if (row.used_by !== null) throw new Refusal('registration-used', 'This code was already used')
`,
  replace: '',
  test: 'test/vault/records.test.ts',
  red: 'activation: code, identity, contact and state together, once',
} satisfies Mutant
