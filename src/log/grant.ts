import type { CompartmentId, DeploymentId, NationalId, RecordId } from '../protocol/ids.ts'
import { Deposit, Grant, Placement, type Right, StatementTyp } from '../protocol/statements.ts'
import type { VerifiedKey } from './key-statement.ts'
import { cardsOf, checkPlace, earlierOf, ofPatient, type RecordContext } from './patient-signed.ts'
import { type Claim, claimOf, type Verified, verifyAs } from './verified.ts'

/**
 * Signed by the identity, or by the card of one of the context's delegations.
 * Throws `CryptoError` on the signature, `LogError` `statement-form`, `statement-record`.
 */
export async function verifyGrant(text: string, context: RecordContext): Promise<Verified<Grant>> {
  return ofPatient(text, { typ: StatementTyp.grant, schema: Grant }, context, cardsOf(context))
}

/** Signed by the identity, or by one that it follows. Throws as `verifyGrant`. */
export async function verifyPlacement(text: string, context: RecordContext): Promise<Verified<Placement>> {
  return ofPatient(text, { typ: StatementTyp.placement, schema: Placement }, context, earlierOf(context))
}

const deposit = { typ: StatementTyp.deposit, schema: Deposit } as const

/** A deposit as it says itself, to find its author's key by, and to be verified. Throws as `peek`. */
export const claimDeposit = (text: string): Claim<Deposit> => claimOf(text, deposit)

/** Throws as `verifyGrant`: signed by the author's working key, for this record. */
export async function verifyDeposit(
  claim: string | Claim<Deposit>,
  {
    deployment,
    recordId,
    key,
    isOneOfMany = false,
  }: {
    deployment: DeploymentId
    recordId: RecordId
    key: Pick<VerifiedKey, 'hash' | 'verifyKey'>
    isOneOfMany?: boolean
  },
): Promise<Verified<Deposit>> {
  const statement = await verifyAs(claim, { ...deposit, algorithms: ['Ed25519'], keys: [key.verifyKey], isOneOfMany })
  checkPlace(statement, { deployment, recordId }, key.hash)
  return statement
}

/** An act that a grant may cover. */
export interface Act {
  readonly kind: 'professional' | 'establishment'
  readonly id: NationalId
  readonly right: Right
  readonly compartment: CompartmentId
  readonly at: Date
}

/** Is this act covered: same holder, the right on that compartment, before the term? */
export function grantCovers(grant: Grant, act: Act): boolean {
  return (
    grantedTo(grant, act) &&
    grant.compartments.some(({ id, rights }) => id === act.compartment && rights.includes(act.right))
  )
}

/** Is the grant this holder's, and not past its term? */
export function grantedTo(grant: Grant, { kind, id, at }: Pick<Act, 'kind' | 'id' | 'at'>): boolean {
  return grant.grantee.kind === kind && grant.grantee.id === id && at.getTime() < Date.parse(grant.until)
}

/** Compartments that the grant opens for reading. */
export function readable(grant: Grant): CompartmentId[] {
  return grant.compartments.filter(({ rights }) => rights.includes('read')).map(({ id }) => id)
}
