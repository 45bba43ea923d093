import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'Of two devices, the slower would undo what the faster did.',
  file: 'src/vault/states.ts',
  find: `    if (stateHash(tx, record) !== previous.state.hash) {
      throw new Refusal('state-stale', 'Another change came first; fetch the state in force and make yours again')
    }
    saveState`,
  replace: '    saveState',
  test: 'test/vault/states.test.ts',
  red: 'of two changes made on one state',
} satisfies Mutant
