import type { CompartmentId, DeploymentId, NationalId, RecordId } from '../protocol/ids.ts'
import { Deposit, Grant, type Identity, Placement, type Right, StatementTyp } from '../protocol/statements.ts'
import { signKeyOf } from './identity.ts'
import type { VerifiedKey } from './key-statement.ts'
import { demand, type StatementKind, type Verified, verifyAs } from './verified.ts'

/** Whose statement it should be. */
export interface RecordContext {
  readonly deployment: DeploymentId
  readonly recordId: RecordId
  readonly identity: Verified<Identity>
}

/** Throws `CryptoError` on the signature, `LogError` `statement-form`, `statement-record`. */
export async function verifyGrant(text: string, context: RecordContext): Promise<Verified<Grant>> {
  return ofPatient(text, { typ: StatementTyp.grant, schema: Grant }, context)
}

/** Throws as `verifyGrant`. */
export async function verifyPlacement(text: string, context: RecordContext): Promise<Verified<Placement>> {
  return ofPatient(text, { typ: StatementTyp.placement, schema: Placement }, context)
}

/** Verifies a statement signed by the patient's identity. For this folder. */
export async function ofPatient<T extends { deployment: DeploymentId; recordId: RecordId }>(
  text: string,
  kind: Pick<StatementKind<T>, 'typ' | 'schema'>,
  { deployment, recordId, identity }: RecordContext,
): Promise<Verified<T>> {
  const statement = await verifyAs(text, { ...kind, algorithms: ['Ed25519'], keys: [signKeyOf(identity)] })
  checkPlace(statement, deployment, recordId, identity.hash)
  return statement
}

/** Throws as `verifyGrant`: signed by the author's working key, for this record. */
export async function verifyDeposit(
  text: string,
  {
    deployment,
    recordId,
    key,
  }: { deployment: DeploymentId; recordId: RecordId; key: Pick<VerifiedKey, 'hash' | 'verifyKey'> },
): Promise<Verified<Deposit>> {
  const statement = await verifyAs(text, {
    typ: StatementTyp.deposit,
    schema: Deposit,
    algorithms: ['Ed25519'],
    keys: [key.verifyKey],
  })
  checkPlace(statement, deployment, recordId, key.hash)
  return statement
}

function checkPlace(
  { payload, headers }: Verified<{ deployment: DeploymentId; recordId: RecordId }>,
  deployment: DeploymentId,
  recordId: RecordId,
  kid: string,
): void {
  const here = payload.deployment === deployment && payload.recordId === recordId
  demand(here, 'statement-record', 'The statement was made for another record or another deployment')
  demand(headers[0]?.kid === kid, 'statement-record', 'The statement names another key than the one that signed it')
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
