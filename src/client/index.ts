/**
 * The client SDK: what a patient's or a professional's program does with a Coffre host it does not trust. Everything
 * not exported here is internal.
 *
 * A patient: `openRecord` and `activateRecord` (the two letters), `signIn` gives a `PatientSession`, which the other
 * functions take. A professional or an establishment: a `Card`, a `Workstation`, `enrol`, then a `Connection`; names
 * that both have end in `ForPatient` or `ForProfessional`. All check what the host says, and throw a `ClientError` (or a `CryptoError`, `LogError` from the layers
 * below) with a stable `code`; `VerificationError` carries the evidence.
 */
export { loadAnchors, parseAnchors, pinnedAnchors, type Trust, trustOf } from './anchors.ts'
export type { Card } from './cards/card.ts'
export { openSoftwareCard, readSoftwareCard, type SoftwareCardFiles } from './cards/software-card.ts'
export { type Clock, clockFor, instant } from './clock.ts'
export type { OpenedDocument } from './document/open.ts'
export { DOCUMENT_REASONS, type DocumentReason, DocumentRefused } from './document/refusal.ts'
export {
  ClientError,
  ConnectionError,
  HostRefusal,
  InputError,
  StepError,
  VerificationError,
} from './errors.ts'
export { type ClientTls, Host, type HostOptions, type RequestOptions, type RequestSigner } from './http.ts'
export { type LogView, readLog, type TreeMark } from './log-view.ts'
export { type Activated, type ActivateInput, activateRecord } from './patient/activate.ts'
export { type Followed, followChain, readWholeChain } from './patient/chain.ts'
export type { CheckedEntry } from './patient/chain-check.ts'
export {
  type ListedDocument,
  listDocuments as listForPatient,
  type ReadDocument,
  readDocument as readForPatient,
} from './patient/documents.ts'
export {
  type GrantGiven,
  type GrantInForce,
  type GrantWish,
  giveGrant,
  grantsInForce,
  type Revoked,
  revokeGrants,
  settle,
} from './patient/grants.ts'
export { PatientHome } from './patient/home.ts'
export { type Opened, type OpenInput, openRecord } from './patient/open.ts'
export { maskDocument, type Placed, unmaskDocument } from './patient/placements.ts'
export { denyRequest, type PendingRequest, pendingRequests } from './patient/requests.ts'
export { PatientSession } from './patient/session.ts'
export { type SignedIn, type SignInInput, signIn } from './patient/sign-in.ts'
export { readTrace, type Trace, type TraceLine } from './patient/trace.ts'
export type { RecordView } from './patient/view.ts'
export { type Access, openAccess } from './professional/access.ts'
export { Connection, type ConnectOptions } from './professional/connection.ts'
export { type Deposited, type DepositOptions, depositDocument } from './professional/deposit.ts'
export { type Enrolment, enrol } from './professional/enrol.ts'
export {
  type Listed,
  listDocuments as listForProfessional,
  openRead as readForProfessional,
} from './professional/read.ts'
export { type Requested, requestAccess } from './professional/request.ts'
export { Workstation, type WorkstationOptions } from './professional/workstation.ts'
export { checkReceipt, type ExpectedEvent } from './receipts.ts'
export { checkSecretCode, SECRET_CODE_MAX, SECRET_CODE_MIN } from './secret-code.ts'
export {
  type ClaimedPatient,
  fetchKeyByHash,
  fetchNewestKey,
  type VerifiedPatient,
  verifyPatient,
  verifyPublishedKey,
} from './trust.ts'
