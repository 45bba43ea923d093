/** What a reader who holds no sets may believe of a state that a card signed (docs/protocol/delegation.md, "Who checks"). */
import type { CardSigned } from '../protocol/messages.ts'
import { SET_NAMES, type StateSets } from '../protocol/record.ts'
import type { Delegation, State } from '../protocol/statements.ts'
import { verifyDelegation } from './delegation.ts'
import type { RecordContext } from './patient-signed.ts'
import { setsMatch, verifyLeaf } from './sets.ts'
import { checkOrder, verifyState } from './state-chain.ts'
import { demand, type Verified } from './verified.ts'

/** The states from the last one that the identity signed on, and the delegation under which a card signed those after it. */
export interface CardStates {
  readonly states: readonly [Verified<State>, ...Verified<State>[]]
  readonly delegation: Verified<Delegation>
}

/**
 * The state `text` with what was served beside it. The first of `before` is the identity's own and its delegations hold
 * the card's; each that follows is signed by that card within its term, and leaves compartments and bundle as they were.
 * (That a card gave or took back one grant and no more shows only to those who hold the sets: patient, host, auditor.)
 * Throws `CryptoError` on signatures, `LogError` as `verifyState`, `verifyDelegation`, `delegation-not-in-force`,
 * `state-seq`, `state-prev`, `state-time`, `state-signer`, `state-compartments`, `state-bundle`.
 */
export async function verifyCardState(
  text: string,
  { delegation: given, proof, before }: CardSigned,
  context: RecordContext,
): Promise<CardStates> {
  const own = { deployment: context.deployment, recordId: context.recordId, identity: context.identity }
  const [begin, ...between] = before as [string, ...string[]]
  const first = await verifyState(begin, own)
  const delegation = await verifyDelegation(given, own)
  demand(
    proof.set === 'delegations' && verifyLeaf(first.payload, proof, delegation.hash),
    'delegation-not-in-force',
    'The delegation under which a card signed is not one of those the patient had in force',
  )
  const states: [Verified<State>, ...Verified<State>[]] = [first]
  let last = first
  for (const each of [...between, text]) {
    const next = await verifyState(each, { ...own, delegations: [delegation] })
    checkStep(last, next, delegation)
    states.push(next)
    last = next
  }
  return { states, delegation }
}

/**
 * What a patient checks besides, who is given the sets of all these states, the last one's too: at each step one grant
 * came or went, and nothing else. Throws `LogError` `state-roots`, `state-sets`.
 */
export function checkCardSets(states: readonly Verified<State>[], sets: readonly StateSets[]): void {
  const complete =
    sets.length === states.length && states.every(({ payload }, i) => setsMatch(payload, sets[i] as StateSets))
  demand(complete, 'state-roots', 'The sets are not those of the states on the way')
  for (const [i, next] of sets.entries()) {
    const previous = sets[i - 1]
    if (previous === undefined) continue
    for (const set of SET_NAMES) {
      const [before, after] = [new Set<string>(previous[set]), new Set<string>(next[set])]
      const changes = [...before.symmetricDifference(after)].length
      demand(changes === (set === 'grants' ? 1 : 0), 'state-sets', 'A card gives or takes back one grant, and no more')
    }
  }
}

function checkStep(previous: Verified<State>, next: Verified<State>, { payload }: Verified<Delegation>): void {
  demand(
    next.headers[0]?.kid === payload.delegationId && next.payload.t < payload.maxUntil,
    'state-signer',
    'A state after the identity’s last is not signed by that card within its term',
  )
  checkOrder(previous, next)
  const [before, after] = [previous.payload, next.payload]
  const same = (part: 'compartments' | 'bundle') => JSON.stringify(after[part]) === JSON.stringify(before[part])
  demand(same('compartments'), 'state-compartments', 'A card changes no compartment')
  demand(same('bundle'), 'state-bundle', 'A card makes no bundle')
}
