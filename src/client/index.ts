/**
 * The client SDK: what a patient's or a professional's program does with a Coffre host it does not trust. Everything
 * not exported here is internal.
 *
 * A patient: `openRecord` and `activateRecord` (the two letters), `signIn` gives a `PatientSession`, which the other
 * functions take. A professional or an establishment: a `Card`, a `Workstation`, `enrol`, then a `Connection`; names
 * that both have end in `ForPatient` or `ForProfessional`. All check what the host says, and throw a `ClientError` (or a `CryptoError`, `LogError` from the layers
 * below) with a stable `code`; `VerificationError` carries the evidence.
 */

export { type AgeSealer, sealToPassphrase, sealToRecipients } from './age.ts'
export { loadAnchors, pinnedAnchors } from './anchors-file.ts'
export * from './browser.ts'
export { openSoftwareCard, readSoftwareCard, type SoftwareCardFiles } from './cards/software-card.ts'
export { startCrew } from './document/crew-node.ts'
export { fileContent } from './document/file-content.ts'
export { type RecoveryKit, recoveryKitPdf } from './kit-pdf.ts'
export { PatientHome } from './patient/home.ts'
export { type Access, openAccess } from './professional/access.ts'
export { Connection, type ConnectOptions } from './professional/connection.ts'
export { type Deposited, type DepositOptions, depositDocument } from './professional/deposit.ts'
export { type Enrolment, enrol } from './professional/enrol.ts'
export { readIdentities as readIdentitiesForProfessional } from './professional/identities.ts'
export {
  type Listed,
  listDocuments as listForProfessional,
  openRead as readForProfessional,
} from './professional/read.ts'
export { type Requested, requestAccess } from './professional/request.ts'
export { withdrawDocument } from './professional/withdraw.ts'
export { withdrawKey } from './professional/withdraw-key.ts'
export { Workstation, type WorkstationOptions } from './professional/workstation.ts'
export { terminalQr } from './terminal-qr.ts'
