/**
 * The client SDK without what needs a file system: what a page imports, and what `index.ts` hands on. It bundles for
 * browsers (condition `browser`, TypeScript stripped) with nothing of Node's; a patient's page brings a `PatientStore`.
 */

export { holderName, type VerifiedKey } from '../log/key-statement.ts'
export { parseAnchors, type Trust, trustOf } from './anchors.ts'
export type { Card } from './cards/card.ts'
export { type Clock, clockFor, instant } from './clock.ts'
export type { Crew } from './document/crew.ts'
export { crewOfWorkers, serveCrew } from './document/crew-page.ts'
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
export { Host, type HostOptions, type RequestOptions, type RequestSigner } from './http.ts'
export { type IdentityVersion, verifyIdentityHistory } from './identity-history.ts'
export type { NewKit } from './kit.ts'
export { type LogView, readLog, type TreeMark } from './log-view.ts'
export { type Activated, type ActivateInput, activateRecord } from './patient/activate.ts'
export { blockedHolders, blockHolder, unblockHolder } from './patient/blocking.ts'
export { type Followed, followChain, readWholeChain } from './patient/chain.ts'
export type { CheckedEntry } from './patient/chain-check.ts'
export { closeRecord, type RecordClosed, undoClosing } from './patient/closing.ts'
export { addCompartment, type CompartmentAdded } from './patient/compartments.ts'
export { changeContact } from './patient/contact.ts'
export {
  type AddDeviceInput,
  addDevice,
  type DeviceAdded,
  type DeviceRemoved,
  type DevicesInForce,
  endOtherSession,
  type KnownDevice,
  listDevices,
  type RemoveDeviceInput,
  removeDevice,
} from './patient/devices.ts'
export {
  type ListedDocument,
  listDocuments as listForPatient,
  type ReadDocument,
  readDocument as readForPatient,
} from './patient/documents.ts'
export { type RecordEvent, recordEvents } from './patient/events.ts'
export { type ExportFile, type ExportSummary, exportRecord, type NotExported } from './patient/export.ts'
export {
  changeGrant,
  type GrantChange,
  type GrantGiven,
  type GrantInForce,
  type GrantWish,
  giveGrant,
  grantsInForce,
  type Revoked,
  revokeGrants,
  settle,
} from './patient/grants.ts'
export { readIdentities as readIdentitiesForPatient } from './patient/identities.ts'
export { ListMemory } from './patient/listing.ts'
export { type Opened, type OpenInput, openRecord } from './patient/open.ts'
export { type Pairing, startPairing, welcomeDevice } from './patient/pairing.ts'
export { maskDocument, moveDocument, type Placed, unmaskDocument } from './patient/placements.ts'
export { denyRequest, type PendingRequest, pendingRequests, scannedRequest } from './patient/requests.ts'
export { PatientSession } from './patient/session.ts'
export { type SignedIn, type SignInInput, signIn } from './patient/sign-in.ts'
export type { PatientStore } from './patient/store.ts'
export { readTold, type Told } from './patient/told.ts'
export { readTrace, type Trace, type TraceLine } from './patient/trace.ts'
export { exportTrace } from './patient/trace-export.ts'
export type { TraceFile, TraceFolder } from './patient/trace-files.ts'
export { type VerifiedTrace, verifyTraceExport } from './patient/trace-verify.ts'
export type { RecordView } from './patient/view.ts'
export { checkReceipt, type ExpectedEvent } from './receipts.ts'
export { checkSecretCode, SECRET_CODE_MAX, SECRET_CODE_MIN } from './secret-code.ts'
export type { ClientTls } from './transport.ts'
export {
  type ClaimedPatient,
  fetchKeyByHash,
  fetchNewestKey,
  type VerifiedPatient,
  verifyPatient,
  verifyPublishedKey,
} from './trust.ts'
