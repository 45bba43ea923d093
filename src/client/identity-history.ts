/** All identities that a record ever had, for its patient and for whoever the patient gave access. */
import { fromBase64url } from '../crypto/bytes.ts'
import { identityFingerprint, recordIdOf, verifyIdentity } from '../log/identity.ts'
import { verifyRegistration } from '../log/registration.ts'
import type { Verified } from '../log/verified.ts'
import type { Hash, Ins, RecordId } from '../protocol/ids.ts'
import type { IdentityVersions } from '../protocol/messages.ts'
import type { Identity } from '../protocol/statements.ts'
import type { Trust } from './anchors.ts'
import { VerificationError } from './errors.ts'
import type { LogView } from './log-view.ts'

export interface IdentityVersion {
  readonly identity: Verified<Identity>
  /** What people compare. */
  readonly fingerprint: string
  /** Whether the entry that brought it in stands in the tree already; it must within a minute. */
  readonly isLogged: boolean
}

export interface KnownRecord {
  readonly recordId: RecordId
  readonly ins: Ins
  /** The identity that this client holds to be the one in force. */
  readonly identity: Hash
}

/**
 * Verifies what the host says a record's identities were, the first one first: each from a letter that the insurer sent
 * for this INS, the first one the record's own, each after that naming the one before, the last one the identity known
 * here; the entry of each proved to be in the log. docs/protocol/identity.md says what that does not prove.
 * Throws `VerificationError` `identity-versions`; `LogError`, `CryptoError` (`registration-…`, `identity-…`), and as
 * `LogView.checkEntry`.
 */
export async function verifyIdentityHistory(
  { versions }: IdentityVersions,
  { recordId, ins, identity: known }: KnownRecord,
  { trust, log }: { readonly trust: Trust; readonly log: LogView },
): Promise<IdentityVersion[]> {
  const refuse = () =>
    new VerificationError('The host does not show all identities of this record, in their order', {
      code: 'identity-versions',
      evidence: { recordId, versions },
    })
  const { insurerKey } = trust
  const { deployment } = trust.anchors
  const history: IdentityVersion[] = []
  for (const { identity: text, registration: letter, registrationSalt, entry, leaf } of versions) {
    const person = { ins, salt: fromBase64url(registrationSalt) }
    const registration = await verifyRegistration(letter, { insurerKey, deployment, purpose: 'opening', person })
    const identity = await verifyIdentity(text, { registration })
    const before = history.at(-1)?.identity ?? null
    const isFirst = before === null && recordIdOf(identity) === recordId
    if (identity.payload.prevIdentity !== (before?.hash ?? null) || (before === null && !isFirst)) throw refuse()
    const isLogged = leaf !== null && leaf < log.tree.size
    if (isLogged) await log.checkEntry(entry, leaf)
    history.push({ identity, fingerprint: identityFingerprint(identity), isLogged })
  }
  if (history.at(-1)?.identity.hash !== known) throw refuse()
  return history
}
