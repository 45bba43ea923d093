import { fromBase64url } from '../crypto/bytes.ts'
import { verifyIdentity } from '../log/identity.ts'
import { verifyRegistration } from '../log/registration.ts'
import type { Verified } from '../log/verified.ts'
import type { Ins, RecordId } from '../protocol/ids.ts'
import type { Identity } from '../protocol/statements.ts'
import type { Context } from './context.ts'
import { Refusal } from './errors.ts'

export type RecordIdentity = Verified<Identity>

/** The statements that say who the patient of a record is. */
export interface IdentityPapers {
  readonly identity: string
  readonly registration: string
  readonly salt: string
  readonly ins: Ins
}

/** As stored. Throws `Refusal` `record-unknown`. */
export function identityPapers({ store }: Context, record: RecordId): IdentityPapers {
  const row = store.read.get<IdentityPapers>(
    `SELECT i.statement AS identity, g.statement AS registration, g.salt, r.ins
     FROM records r JOIN identities i ON i.hash = r.identity JOIN registrations g ON g.hash = r.registration
     WHERE r.record = @record`,
    { record },
  )
  if (row === undefined) throw new Refusal('record-unknown', 'There is no such record here')
  return row
}

/** Verified from the insurer's key down. Throws `Refusal` `record-unknown`, and what the verifiers throw. */
export async function identityChain(context: Context, record: RecordId): Promise<RecordIdentity> {
  const { identity, registration: text, salt, ins } = identityPapers(context, record)
  const { deployment, insurerKey } = context
  const person = { ins, salt: fromBase64url(salt) }
  const registration = await verifyRegistration(text, { deployment, insurerKey, purpose: 'opening', person })
  return verifyIdentity(identity, { registration })
}
