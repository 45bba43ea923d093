import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A host’s own registration would be taken for the insurer’s.',
  file: 'src/log/registration.ts',
  find: 'keys: [check.insurerKey],',
  replace: 'keys: [Object.create(check.insurerKey, { verify: { value: () => true } })],',
  test: 'test/log/registration.test.ts',
  red: 'attacks: each is refused',
} satisfies Mutant
