/** What holds of every state, whatever made it (docs/protocol/state.md). Each check throws `LogError` `state-…`. */
import { SET_NAMES, type StateSets } from '../protocol/record.ts'
import type { State } from '../protocol/statements.ts'
import { delegationBehind, liesWithin } from './delegation.ts'
import { setsMatch } from './sets.ts'
import { named, type StateInForce } from './state-in-force.ts'
import { demand, type Verified } from './verified.ts'

/** The sets are those behind the roots, and no compartment, and nothing in a set, stands twice. */
export function checkSets({ payload }: Verified<State>, sets: StateSets): void {
  demand(setsMatch(payload, sets), 'state-roots', 'The sets are not those that the state’s roots commit to')
  for (const set of SET_NAMES) demand(unique(sets[set]), 'state-sets', `The set ${set} names something twice`)
  const ids = payload.compartments.map(({ id }) => id)
  demand(unique(ids), 'state-compartments', 'Two compartments have one id')
}

/** Everything the sets name is at hand, signed by who may, in epochs that are current; nobody stands twice. */
export function checkHolds(state: StateInForce): void {
  checkNamed(state)
  checkGrants(state)
  checkDelegations(state)
  const documents = named(state.sets.placements, state.placements).map(({ payload }) => payload.documentId)
  demand(unique(documents), 'state-sets', 'A document has two placements')
  checkEpochs(state)
}

function checkNamed({ state, identity, sets, ...statements }: StateInForce): void {
  demand(state.payload.identity === identity.hash, 'state-identity', 'The state names another identity')
  for (const set of ['grants', 'delegations', 'placements'] as const) {
    const known = sets[set].every(hash => statements[set].has(hash))
    demand(known, 'state-sets', `The set ${set} names something that nobody gave`)
  }
}

function checkGrants(state: StateInForce): void {
  const grants = named(state.sets.grants, state.grants)
  demand(unique(grants.map(({ payload }) => payload.grantId)), 'state-sets', 'Two grants in force have one id')
  // One answer to "under which grant did they act", for the host that checks and for the auditor who checks the host.
  const holders = grants.map(({ payload: { grantee } }) => `${grantee.kind}:${grantee.id}`)
  demand(unique(holders), 'state-sets', 'A grantee holds two grants; revoke the first')
  const blocked: ReadonlySet<string> = new Set(state.sets.blocked)
  for (const grant of grants) {
    demand(!blocked.has(grant.payload.grantee.id), 'state-sets', 'Somebody who is blocked holds a grant')
    if (grant.headers[0]?.kid === state.identity.hash) continue
    const delegation = delegationBehind(grant, state)
    const may = delegation !== null && liesWithin(delegation, grant.payload)
    demand(may, 'state-sets', 'A grant in force is signed by neither the patient nor a card that may')
  }
}

function checkDelegations(state: StateInForce): void {
  const delegations = named(state.sets.delegations, state.delegations)
  const own = delegations.every(({ headers }) => headers[0]?.kid === state.identity.hash)
  demand(own, 'state-sets', 'A delegation in force is not the patient’s own')
  const ids = delegations.map(({ payload }) => payload.delegationId)
  demand(unique(ids), 'state-sets', 'Two delegations have one id')
  const cards = delegations.map(({ payload }) => payload.card.signKey)
  demand(unique(cards), 'state-sets', 'A card has two delegations')
}

function checkEpochs(state: StateInForce): void {
  const current = new Map(state.state.payload.compartments.map(({ id, epoch }) => [id, epoch]))
  const grants = named(state.sets.grants, state.grants)
  for (const { payload } of [...grants, ...named(state.sets.delegations, state.delegations)]) {
    for (const { id, epoch } of payload.compartments) {
      demand(
        current.get(id) === epoch,
        'state-epoch',
        'A grant or delegation in force names an epoch that is not current',
      )
    }
  }
}

function unique(values: readonly unknown[]): boolean {
  return new Set(values).size === values.length
}
