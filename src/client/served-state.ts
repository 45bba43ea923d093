/** A state as the host serves it: signed by the identity, or by a card whose delegation comes with it. */
import { checkCardSets, verifyCardState } from '../log/card-state.ts'
import type { RecordContext } from '../log/patient-signed.ts'
import { verifyState } from '../log/state-chain.ts'
import type { Verified } from '../log/verified.ts'
import type { CardSigned } from '../protocol/messages.ts'
import type { StateSets } from '../protocol/record.ts'
import type { State } from '../protocol/statements.ts'
import { acceptState, type Seen } from './seen.ts'

/**
 * Verifies a served state and takes its place in what was seen: every state on the way too, so that a card whose
 * delegation was taken back cannot lead around the state that took it back. Throws as `verifyState`, `verifyCardState`
 * and `acceptState`; with `sets`, those of the state as its patient is served them, as `checkCardSets`.
 */
export async function readServedState(
  served: { readonly state: string; readonly sets?: StateSets; readonly byCard?: CardSigned | undefined },
  context: RecordContext,
  seen: Seen,
): Promise<{ readonly state: Verified<State>; readonly seen: Seen }> {
  const { state: text, sets, byCard } = served
  const states = byCard === undefined ? [await verifyState(text, context)] : await pathOf(text, byCard, context)
  if (byCard !== undefined && sets !== undefined) checkCardSets(states, [...(byCard.sets ?? []), sets])
  const state = states.at(-1) as Verified<State>
  const known = states.filter(({ payload }) => seen.state === null || payload.seq >= seen.state.seq)
  const accepted = known.reduce((so, each) => acceptState(so, each), seen)
  return { state, seen: acceptState(accepted, state) }
}

async function pathOf(text: string, byCard: CardSigned, context: RecordContext): Promise<readonly Verified<State>[]> {
  return (await verifyCardState(text, byCard, context)).states
}
