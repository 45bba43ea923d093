/** Asking a patient for access, with the INS that the patient gave. */
import { identityFingerprint } from '../../log/identity.ts'
import type { Ins, RecordId, RequestId } from '../../protocol/ids.ts'
import { AccessRequested } from '../../protocol/messages.ts'
import { consultationText, consultationWords } from '../consultation.ts'
import { VerificationError } from '../errors.ts'
import { leadsTo, verifyPatient } from '../trust.ts'
import type { Connection } from './connection.ts'

/** What the host answered, checked. */
export interface Requested {
  readonly request: RequestId
  readonly recordId: RecordId
  /** To be compared with the one on the patient's screen or kit. */
  readonly fingerprint: string
  /** It is not the identity that this workstation knew: the patient has a new one since. */
  readonly isNew: boolean
  /** To be read aloud, or scanned: the patient's screen has the same of the same request. */
  readonly words: string
  readonly text: string
}

/**
 * Asks for access and keeps who the patient is: from the insurer's signature over this INS to the identity, so that the
 * host cannot put another patient in between. Throws `HostRefusal` (`record-unknown`), `LogError`, `CryptoError`,
 * `VerificationError` `identity-changed` when this workstation knows the record under another identity.
 */
export async function requestAccess(connection: Connection, ins: Ins): Promise<Requested> {
  const { workstation, host } = connection
  const answer = await host.call({
    ...connection.signing,
    method: 'POST',
    path: '/v1/access-requests',
    body: { ins },
    answer: AccessRequested,
  })
  await connection.receive(answer.receipt, 'access.request', { request: answer.request })
  const patient = await verifyPatient(workstation.trust, ins, answer)
  const { recordId, identity } = patient
  const fingerprint = identityFingerprint(identity)
  const known = (await workstation.records()).find(record => record.ins === ins || record.recordId === recordId)
  if (known !== undefined && (known.recordId !== recordId || known.ins !== ins || !leadsTo(patient, known.identity))) {
    throw new VerificationError(
      'This workstation knows that patient under another identity; compare the fingerprint in person before going on',
      { code: 'identity-changed', evidence: { known: known.identity, served: answer.identity } },
    )
  }
  // By what right an identity followed the known one is shown to who has access: until then the known one stays.
  if (known === undefined) await workstation.keepRecord({ recordId, ins, identity: identity.hash, state: null })
  const isNew = known !== undefined && known.identity !== identity.hash
  const { keyStatement } = connection.keys
  const asked = { recordId, request: answer.request, identity: identity.hash, keyStatement }
  return {
    request: answer.request,
    recordId,
    fingerprint,
    isNew,
    words: consultationWords(asked),
    text: consultationText(asked),
  }
}
