import { fromBase64, fromBase64url } from '../crypto/bytes.ts'
import { parseCrl } from '../crypto/x509.ts'
import { LogError } from '../log/errors.ts'
import { recordIdOf, verifyIdentity } from '../log/identity.ts'
import { type VerifiedKey, verifyKeyStatement } from '../log/key-statement.ts'
import { verifyKeyWithdrawal, withdrawnFrom } from '../log/key-withdrawal.ts'
import { verifyRegistration } from '../log/registration.ts'
import type { Verified } from '../log/verified.ts'
import type { PublishedKey } from '../protocol/directory.ts'
import { PublishedKey as PublishedKeySchema } from '../protocol/directory.ts'
import type { Hash, Ins, NationalId, RecordId } from '../protocol/ids.ts'
import type { IdentityPaper } from '../protocol/record.ts'
import type { Identity } from '../protocol/statements.ts'
import type { Trust } from './anchors.ts'
import { VerificationError } from './errors.ts'
import type { Host } from './http.ts'

/** What the host says about who a patient is; nothing of it is believed before `verifyPatient`. */
export interface ClaimedPatient extends IdentityPaper {
  readonly recordId: RecordId
  /** Papers of the identities before the one in force. */
  readonly earlier?: readonly IdentityPaper[] | undefined
}

/** A patient whose papers were checked: insurer → registration of this INS → mailed code → identity → record id. */
export interface VerifiedPatient {
  readonly recordId: RecordId
  readonly identity: Verified<Identity>
  /** Identities that this one names as those before it, the first one first; left out where there is none. */
  readonly earlier?: readonly Verified<Identity>[]
}

/**
 * Checks who a patient is, from the insurer's key on, for the INS that the caller knows: each identity from a letter of
 * its own, the record's name from the first, each after it naming the one before. By what right one followed another, no
 * paper says: whoever knew an earlier one asks `verifyIdentityHistory` besides.
 * Throws `CryptoError`, `LogError` (docs of `verifyRegistration`, `verifyIdentity`), `VerificationError` `record-identity`.
 */
export async function verifyPatient(trust: Trust, ins: Ins, claimed: ClaimedPatient): Promise<VerifiedPatient> {
  const { recordId, earlier: before = [] } = claimed
  const identities: Verified<Identity>[] = []
  for (const paper of [...before, claimed]) identities.push(await verifyPaper(trust, ins, paper))
  const patient = inOrder(identities, recordId)
  if (patient !== null) return patient
  throw new VerificationError('The host gives another record than the one this identity opened', {
    code: 'record-identity',
    evidence: claimed,
  })
}

/** Identities of one record, the one in force last; null unless the first makes its name and each names the one before. */
export function inOrder(identities: readonly Verified<Identity>[], recordId: RecordId): VerifiedPatient | null {
  const letters = new Set(identities.map(({ payload }) => payload.registration))
  const [first] = identities
  const linked = identities.every(({ payload }, n) => payload.prevIdentity === (identities[n - 1]?.hash ?? null))
  if (first === undefined || !linked || recordIdOf(first) !== recordId || letters.size !== identities.length)
    return null
  const earlier = identities.slice(0, -1)
  return {
    recordId,
    identity: identities.at(-1) as Verified<Identity>,
    ...(earlier.length === 0 ? {} : { earlier }),
  }
}

/** One identity by its letter, for this INS. Throws as `verifyRegistration`, `verifyIdentity`. */
export async function verifyPaper(trust: Trust, ins: Ins, paper: IdentityPaper): Promise<Verified<Identity>> {
  const registration = await verifyRegistration(paper.registration, {
    insurerKey: trust.insurerKey,
    deployment: trust.anchors.deployment,
    purpose: 'opening',
    person: { ins, salt: fromBase64url(paper.registrationSalt) },
  })
  return verifyIdentity(paper.identity, { registration })
}

/** Whether a patient is the one whose identity was known: that very one, or one whose papers lead back to it. */
export function leadsTo({ identity, earlier = [] }: VerifiedPatient, known: Hash): boolean {
  return identity.hash === known || earlier.some(({ hash }) => hash === known)
}

/** Whom a published key should belong to. */
export interface ExpectedKey {
  readonly nationalId?: NationalId
  readonly hash?: Hash
}

/**
 * Checks a published key before anything is sealed to it: card's chain and revocation at `at`, both signatures, and
 * that it is the key asked for. Throws `CryptoError`, `LogError` (docs of `verifyKeyStatement`; `key-withdrawn`), `VerificationError`
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
  const withdrawn = await verifyWithdrawal(trust, published, key, check.listsAt ?? check.at)
  if (withdrawn !== null && withdrawn <= check.at) {
    throw new LogError('The holder has withdrawn this key; nothing is sealed to it', { code: 'key-withdrawn' })
  }
  return key
}

/**
 * Since when the key's holder has taken it back, as the card signed it; null when not, or not by `now`.
 * Throws as `verifyKeyWithdrawal`.
 */
export async function verifyWithdrawal(
  trust: Trust,
  { withdrawal, crls }: Pick<PublishedKey, 'withdrawal' | 'crls'>,
  key: VerifiedKey,
  now: Date,
): Promise<Date | null> {
  if (withdrawal === undefined) return null
  const at = withdrawnFrom(withdrawal)
  if (at > now) return null
  await verifyKeyWithdrawal(withdrawal, {
    deployment: trust.anchors.deployment,
    cardAuthorities: trust.cardAuthorities,
    crls: crls.map(der => parseCrl(fromBase64(der))),
    at,
    listsAt: now,
    key,
  })
  return at
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
