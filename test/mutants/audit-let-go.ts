import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A state that memory let go of would be believed as the store has it then.',
  file: 'src/log/audit/states.ts',
  find: 'state: await verifyState(text, { ...context, delegations: [] }),',
  replace: 'state: (await verifyState(text, { ...context, delegations: [] }).catch(() => null)) as never,',
  test: 'test/log/audit/slice.test.ts',
  red: 'a record that memory let go of',
} satisfies Mutant
