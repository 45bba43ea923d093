import { holderName, type VerifiedKey } from '../../log/key-statement.ts'
import type { Instant, RequestId } from '../../protocol/ids.ts'
import { PendingRequests } from '../../protocol/messages.ts'
import { type Consultation, checkConsultation, consultationWords, readConsultation } from '../consultation.ts'
import { InputError, VerificationError } from '../errors.ts'
import { fetchKeyByHash } from '../trust.ts'
import type { PatientSession } from './session.ts'

/** Somebody who asks for access, as the card says. */
export interface PendingRequest {
  readonly request: RequestId
  readonly key: VerifiedKey
  /** Name from the certificate. */
  readonly name: string
  /** Title of a professional's certificate; null for an establishment. */
  readonly profession: string | null
  /** The person acting for an establishment, on its word. */
  readonly acting: string | null
  readonly t: Instant
  /** To be compared with those on the screen of who asks. */
  readonly words: string
}

/**
 * Who waits for an answer. Each key is checked (card, chain, revocation): the name shown is the certificate's, never the
 * host's word. Throws as `verifyPublishedKey`, `VerificationError` `key-substituted`.
 */
export async function pendingRequests(session: PatientSession): Promise<PendingRequest[]> {
  const path = session.path('/access-requests')
  const { requests } = await session.call({ method: 'GET', path, answer: PendingRequests })
  const pending: PendingRequest[] = []
  for (const { request, nationalId, keyStatement, acting, t } of requests) {
    const key = await fetchKeyByHash(session.trust, session.host, keyStatement, session.clock())
    if (key.payload.nationalId !== nationalId) {
      throw new VerificationError('The host says that a request is of another holder than its key', {
        code: 'key-substituted',
        evidence: { nationalId, statement: key.text },
      })
    }
    pending.push({
      request,
      key,
      name: holderName(key.holder),
      profession: key.holder.kind === 'professional' ? key.holder.profession : null,
      acting: acting === null ? null : `${acting.name} (${acting.role})`,
      t,
      words: consultationWords(consultationOf(session, request, key)),
    })
  }
  return pending
}

/**
 * The request whose code was scanned from the screen of who asks; what the host shows under that id is held against it.
 * Throws `InputError` (`consultation-malformed`, `request-unknown`), `VerificationError` `consultation-other`; as
 * `pendingRequests`.
 */
export async function scannedRequest(session: PatientSession, text: string): Promise<PendingRequest> {
  const scanned = readConsultation(text)
  const pending = (await pendingRequests(session)).find(({ request }) => request === scanned.request)
  if (pending === undefined) {
    throw new InputError('No such request waits for an answer: have it made again', { code: 'request-unknown' })
  }
  checkConsultation(scanned, consultationOf(session, pending.request, pending.key))
  return pending
}

const consultationOf = ({ patient }: PatientSession, request: RequestId, key: VerifiedKey): Consultation => ({
  recordId: patient.recordId,
  request,
  identity: patient.identity.hash,
  keyStatement: key.hash,
})

/** Says no to a request. Throws `InputError` `request-unknown` when nobody asks under that id; as `Host.call`. */
export async function denyRequest(session: PatientSession, request: RequestId): Promise<void> {
  const pending = await pendingRequests(session)
  if (!pending.some(each => each.request === request)) {
    throw new InputError('No such request waits for an answer', { code: 'request-unknown' })
  }
  const path = session.path(`/access-requests/${request}/deny`)
  await session.write({ method: 'POST', path, body: {} }, { action: 'access.deny', object: { request } })
}
