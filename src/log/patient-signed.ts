import { fromBase64url } from '../crypto/bytes.ts'
import { VerifyKey } from '../crypto/sign.ts'
import { parseStatement } from '../crypto/statement.ts'
import type { DeploymentId, RecordId } from '../protocol/ids.ts'
import type { Delegation, Identity } from '../protocol/statements.ts'
import { signKeyOf } from './identity.ts'
import { demand, type StatementKind, type Verified, verifyAs } from './verified.ts'

/** Whose statement it should be. */
export interface RecordContext {
  readonly deployment: DeploymentId
  readonly recordId: RecordId
  readonly identity: Verified<Identity>
  /** Delegations whose cards may have signed grants and states; none unless given. */
  readonly delegations?: Iterable<Verified<Delegation>>
  /** Identities that this one follows: what they placed still lies there. */
  readonly earlier?: readonly Verified<Identity>[]
}

/** Who may have signed besides the identity in force, by the `kid` that names them. */
export type OtherSigners = ReadonlyMap<string, VerifyKey>

/** The cards of the context's delegations: they may sign grants and states. */
export function cardsOf({ delegations = [] }: RecordContext): OtherSigners {
  return new Map(
    [...delegations].map(({ payload: { delegationId, card } }) => [
      delegationId,
      VerifyKey.parse(fromBase64url(card.signKey)),
    ]),
  )
}

/** The identities before: their placements stay. */
export function earlierOf({ earlier = [] }: RecordContext): OtherSigners {
  return new Map(earlier.map(identity => [identity.hash, signKeyOf(identity)]))
}

/**
 * Verifies a statement signed by the patient's identity, or by one of `others`. For the `verify…` functions of this folder.
 * Throws `CryptoError` on the signature, `LogError` `statement-form`, `statement-record`.
 */
export async function ofPatient<T extends { deployment: DeploymentId; recordId: RecordId }>(
  text: string,
  kind: Pick<StatementKind<T>, 'typ' | 'schema'>,
  context: RecordContext,
  others: OtherSigners = new Map(),
): Promise<Verified<T>> {
  const { deployment, recordId, identity } = context
  const named = others.size === 0 ? undefined : parseStatement(text).signatures[0]?.header.kid
  const other = named === undefined ? undefined : others.get(named)
  const key = other ?? signKeyOf(identity)
  const statement = await verifyAs(text, { ...kind, algorithms: ['Ed25519'], keys: [key] })
  checkPlace(statement, { deployment, recordId }, other === undefined ? identity.hash : String(named))
  return statement
}

/** Throws `LogError` `statement-record` unless the statement is of this record, and names the key that signed it. */
export function checkPlace(
  { payload, headers }: Verified<{ deployment: DeploymentId; recordId: RecordId }>,
  { deployment, recordId }: Pick<RecordContext, 'deployment' | 'recordId'>,
  kid: string,
): void {
  const here = payload.deployment === deployment && payload.recordId === recordId
  demand(here, 'statement-record', 'The statement was made for another record or another deployment')
  demand(headers[0]?.kid === kid, 'statement-record', 'The statement names another key than the one that signed it')
}
