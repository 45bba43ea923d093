/** What a Vitale card may do for its patient (docs/protocol/delegation.md). */
import { fromBase64url } from '../crypto/bytes.ts'
import { VerifyKey } from '../crypto/sign.ts'
import { Delegation, type Grant, StatementTyp } from '../protocol/statements.ts'
import { ofPatient, type RecordContext } from './patient-signed.ts'
import { named, type StateInForce } from './state-in-force.ts'
import { demand, type Verified } from './verified.ts'

/**
 * Throws `CryptoError` on the signature and on a card's key that is none, `LogError` `statement-form`,
 * `statement-record`, `delegation-compartments` (one twice).
 */
export async function verifyDelegation(text: string, context: RecordContext): Promise<Verified<Delegation>> {
  const delegation = await ofPatient(text, { typ: StatementTyp.delegation, schema: Delegation }, context)
  const { card, compartments } = delegation.payload
  VerifyKey.parse(fromBase64url(card.signKey))
  demand(
    new Set(compartments.map(({ id }) => id)).size === compartments.length,
    'delegation-compartments',
    'The delegation names a compartment twice',
  )
  return delegation
}

/** The delegation of the state under which a statement's `kid` signed; null when the patient's identity did. */
export function delegationBehind(
  { headers }: Pick<Verified<unknown>, 'headers'>,
  { sets, delegations }: Pick<StateInForce, 'sets' | 'delegations'>,
): Verified<Delegation> | null {
  const kid = headers[0]?.kid
  return named(sets.delegations, delegations).find(({ payload }) => payload.delegationId === kid) ?? null
}

/** Does the grant name nothing but compartments of the delegation? */
function reaches({ payload }: Verified<Delegation>, grant: Grant): boolean {
  const within: ReadonlySet<string> = new Set(payload.compartments.map(({ id }) => id))
  return grant.compartments.every(({ id }) => within.has(id))
}

/** A grant that the card gave lies within the delegation: its compartments, and not for longer. */
export function liesWithin(delegation: Verified<Delegation>, grant: Grant): boolean {
  return reaches(delegation, grant) && grant.until <= delegation.payload.maxUntil
}

/**
 * A state may be signed by the patient's identity, or by a card that the state before names, which then gives or takes
 * back one grant as it may, and nothing else. Throws `LogError` `state-signer`, `state-bundle`.
 */
export function checkSigner(action: string, previous: StateInForce, next: StateInForce): void {
  if (next.state.headers[0]?.kid === next.identity.hash) return
  const delegation = delegationBehind(next.state, previous)
  demand(delegation !== null, 'state-signer', 'The state is signed by nobody who may')
  const { may, maxUntil, delegationId } = delegation.payload
  demand(next.state.payload.t < maxUntil, 'state-signer', 'The delegation under which a card signed has ended')
  const gives = action === 'grant.give' && may.includes('give')
  const revokes = action === 'grant.revoke' && may.includes('revoke')
  demand(gives || revokes, 'state-signer', 'The delegation does not let the card do that')
  const { bundle: before } = previous.state.payload
  const { bundle: after } = next.state.payload
  demand(after.hash === before.hash && after.version === before.version, 'state-bundle', 'A card makes no bundle')
  const [held, kept] = gives ? [next, previous] : [previous, next]
  const touched = named(
    held.sets.grants.filter(hash => !kept.sets.grants.includes(hash)),
    held.grants,
  )
  if (revokes) {
    const within = touched.every(({ payload }) => reaches(delegation, payload))
    demand(within, 'state-signer', 'The card takes back a grant that reaches further than its delegation')
    return
  }
  const own = touched.every(({ headers }) => headers[0]?.kid === delegationId)
  demand(own, 'state-signer', 'A card gives only grants that it signed itself')
}
