/** A record's chain of states: what each may make of the one before. Client, host and auditor run these very functions. */
import { State, StatementTyp } from '../protocol/statements.ts'
import { checkSigner } from './delegation.ts'
import { LogError } from './errors.ts'
import { cardsOf, ofPatient, type RecordContext } from './patient-signed.ts'
import type { Warrant } from './recovery.ts'
import { type ChangeAction, STATE_CHANGES } from './state-changes.ts'
import { checkHolds, checkSets } from './state-holds.ts'
import type { StateInForce } from './state-in-force.ts'
import { checkParts } from './state-parts.ts'
import { demand, type Verified } from './verified.ts'

/**
 * A state signed by the identity, or by the card of one of the context's delegations: those of the state before it.
 * Throws `CryptoError` on the signature, `LogError` `statement-form`, `statement-record`, `state-identity`.
 */
export async function verifyState(text: string, context: RecordContext): Promise<Verified<State>> {
  const state = await ofPatient(text, { typ: StatementTyp.state, schema: State }, context, cardsOf(context))
  demand(state.payload.identity === context.identity.hash, 'state-identity', 'The state names another identity')
  return state
}

/** Checks the first state of a record. Throws `LogError` `state-…`. */
export function checkFirst({ state, sets }: Pick<StateInForce, 'state' | 'sets'>): void {
  const { payload } = state
  checkSets(state, sets)
  demand(payload.seq === 0 && payload.prev === null, 'state-seq', 'A first state has seq 0 and no predecessor')
  demand(
    payload.compartments.every(({ epoch, link }) => epoch === 0 && link === null),
    'state-compartments',
    'In a first state every compartment is in epoch 0',
  )
  const { grants, delegations, blocked, placements, devices } = sets
  demand(
    [grants, delegations, blocked, placements].every(set => set.length === 0) && devices.length === 1,
    'state-sets',
    'A first state has one device leaf, the kit’s, and nothing else in its sets',
  )
}

/**
 * Checks that `next` is what `action` may make of `previous` (docs/protocol/state.md, the table). A change of identity
 * needs a warrant besides. Throws `LogError` `state-…`, both states as evidence.
 */
export function checkSuccessor(
  action: ChangeAction,
  previous: StateInForce,
  next: StateInForce,
  warrant: Warrant | null = null,
): void {
  try {
    const line = Object.hasOwn(STATE_CHANGES, action) ? STATE_CHANGES[action] : undefined
    demand(line !== undefined, 'state-action', 'No change of a state has that name')
    checkOrder(previous.state, next.state)
    checkSets(next.state, next.sets)
    checkHolds(next)
    checkSigner(action, previous, next)
    checkParts(line, previous, next)
    checkWarrant(previous, next, warrant)
  } catch (error) {
    if (!LogError.is(error)) throw error
    const evidence = { action, previous: previous.state.text, next: next.state.text }
    throw new LogError(error.message, { code: error.code, cause: error, evidence })
  }
}

/** Number, predecessor, time and record. Throws `LogError` `state-…`. */
export function checkOrder(previous: Verified<State>, next: Verified<State>): void {
  const [before, after] = [previous.payload, next.payload]
  demand(after.seq === before.seq + 1, 'state-seq', `State ${before.seq + 1} is due, this is ${after.seq}`)
  demand(after.prev === previous.hash, 'state-prev', 'The state does not follow the one in force')
  demand(after.t >= before.t, 'state-time', 'The state is dated before its predecessor')
  demand(
    after.recordId === before.recordId && after.deployment === before.deployment,
    'state-identity',
    'The state is of another record',
  )
}

/** A new identity comes into force only by the word of the old one, or by a recovery whose time has come. */
function checkWarrant(previous: StateInForce, next: StateInForce, warrant: Warrant | null): void {
  const [from, to] = [previous.identity.hash, next.identity.hash]
  if (from === to) return
  const meant = warrant?.from === from && warrant.to === to
  demand(meant, 'state-warrant', 'Neither the old identity nor a recovery lets the new one follow')
}
