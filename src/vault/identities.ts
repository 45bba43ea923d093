import { fromBase64url } from '../crypto/bytes.ts'
import { parseEvent } from '../log/entry.ts'
import { verifyIdentity } from '../log/identity.ts'
import { verifyRegistration } from '../log/registration.ts'
import type { Verified } from '../log/verified.ts'
import type { Hash, Ins, RecordId } from '../protocol/ids.ts'
import type { Identity } from '../protocol/statements.ts'
import type { Context } from './context.ts'
import { Refusal } from './errors.ts'
import type { Tx } from './store/store.ts'

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

/** An identity that a record had, its letter's registration, and the entry that brought it in. */
export interface IdentityVersion {
  readonly identity: string
  readonly registration: string
  readonly registrationSalt: string
  readonly entry: Hash
}

/** Identities of one record that are told; a life's are fewer. */
const VERSIONS_MAX = 256

/** Every identity of a record, the first one first. */
export function identityVersions(tx: Tx, record: RecordId): IdentityVersion[] {
  const entries = tx.all<{ hash: Hash; event: string }>(
    `SELECT hash, event FROM entries
     WHERE chain = @record AND (n = 0 OR event LIKE '%"action":"identity.change"%') ORDER BY n LIMIT @limit`,
    { record, limit: VERSIONS_MAX },
  )
  return entries.flatMap(({ hash: entry, event }) => {
    const { action, object, outcome } = parseEvent(event)
    if (outcome !== 'ok' || (action !== 'record.open' && action !== 'identity.change')) return []
    const row = tx.get<Omit<IdentityVersion, 'entry'>>(
      `SELECT i.statement AS identity, g.statement AS registration, g.salt AS registrationSalt
       FROM identities i JOIN registrations g ON g.hash = @registration WHERE i.hash = @identity`,
      { identity: String(object.identity), registration: String(object.registration) },
    )
    return row === undefined ? [] : [{ ...row, entry }]
  })
}

/** Verified from the insurer's key down. Throws `Refusal` `record-unknown`, and what the verifiers throw. */
export async function identityChain(context: Context, record: RecordId): Promise<RecordIdentity> {
  const { identity, registration: text, salt, ins } = identityPapers(context, record)
  const { deployment, insurerKey } = context
  const person = { ins, salt: fromBase64url(salt) }
  const registration = await verifyRegistration(text, { deployment, insurerKey, purpose: 'opening', person })
  return verifyIdentity(identity, { registration })
}
