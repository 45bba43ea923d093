import { fromBase64, fromBase64url } from '../crypto/bytes.ts'
import { parseCrl } from '../crypto/x509.ts'
import { recordIdOf, verifyIdentity } from '../log/identity.ts'
import { type VerifiedKey, verifyKeyStatement } from '../log/key-statement.ts'
import { verifyRegistration } from '../log/registration.ts'
import type { Verified } from '../log/verified.ts'
import type { Hash, Ins, NationalId, RecordId } from '../protocol/ids.ts'
import type { PublishedKey } from '../protocol/messages.ts'
import { PublishedKey as PublishedKeySchema } from '../protocol/messages.ts'
import type { Identity } from '../protocol/statements.ts'
import type { Trust } from './anchors.ts'
import { VerificationError } from './errors.ts'
import type { Host } from './http.ts'

/** What the host says about who a patient is; nothing of it is believed before `verifyPatient`. */
export interface ClaimedPatient {
  readonly identity: string
  readonly registration: string
  readonly registrationSalt: string
  readonly recordId: RecordId
}

/** A patient whose chain was checked: insurer → registration of this INS → mailed code → identity → record id. */
export interface VerifiedPatient {
  readonly recordId: RecordId
  readonly identity: Verified<Identity>
}

/**
 * Checks who a patient is, from the insurer's key on, for the INS that the caller knows.
 * Throws `CryptoError`, `LogError` (docs of `verifyRegistration`, `verifyIdentity`), `VerificationError` `record-identity`.
 */
export async function verifyPatient(trust: Trust, ins: Ins, claimed: ClaimedPatient): Promise<VerifiedPatient> {
  const registration = await verifyRegistration(claimed.registration, {
    insurerKey: trust.insurerKey,
    deployment: trust.anchors.deployment,
    purpose: 'opening',
    person: { ins, salt: fromBase64url(claimed.registrationSalt) },
  })
  const identity = await verifyIdentity(claimed.identity, { registration })
  const recordId = recordIdOf(identity)
  if (identity.payload.prevIdentity !== null || recordId !== claimed.recordId) {
    throw new VerificationError('The host gives another record than the one this identity opened', {
      code: 'record-identity',
      evidence: claimed,
    })
  }
  return { recordId, identity }
}

/** Whom a published key should belong to. */
export interface ExpectedKey {
  readonly nationalId?: NationalId
  readonly hash?: Hash
}

/**
 * Checks a published key before anything is sealed to it: card's chain and revocation at `at`, both signatures, and
 * that it is the key asked for. Throws `CryptoError`, `LogError` (docs of `verifyKeyStatement`), `VerificationError`
 * `key-substituted`.
 */
export async function verifyPublishedKey(
  trust: Trust,
  published: PublishedKey,
  check: { readonly at: Date; readonly listsAt?: Date; readonly expected: ExpectedKey },
): Promise<VerifiedKey> {
  const key = await verifyKeyStatement(published.statement, {
    deployment: trust.anchors.deployment,
    cardAuthorities: trust.cardAuthorities,
    crls: published.crls.map(der => parseCrl(fromBase64(der))),
    at: check.at,
    ...(check.listsAt === undefined ? {} : { listsAt: check.listsAt }),
  })
  const { hash, nationalId } = check.expected
  if (
    (hash !== undefined && key.hash !== hash) ||
    (nationalId !== undefined && key.payload.nationalId !== nationalId)
  ) {
    throw new VerificationError('The host gave another key than the one asked for; nothing was sealed to it', {
      code: 'key-substituted',
      evidence: { asked: check.expected, statement: published.statement },
    })
  }
  return key
}

/** Fetches a key statement by its hash and checks it. Throws as `verifyPublishedKey` and `Host.call`. */
export async function fetchKeyByHash(trust: Trust, host: Host, hash: Hash, at: Date): Promise<VerifiedKey> {
  const published = await host.call({ method: 'GET', path: `/v1/keys/${hash}`, answer: PublishedKeySchema })
  return verifyPublishedKey(trust, published, { at, expected: { hash } })
}

/** Fetches the newest key of a professional or establishment and checks it. Throws as `verifyPublishedKey` and `Host.call`. */
export async function fetchNewestKey(trust: Trust, host: Host, nationalId: NationalId, at: Date): Promise<VerifiedKey> {
  const published = await host.call({
    method: 'GET',
    path: `/v1/professionals/${nationalId}`,
    answer: PublishedKeySchema,
  })
  return verifyPublishedKey(trust, published, { at, expected: { nationalId } })
}
