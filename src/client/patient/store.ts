import { z } from 'zod'
import {
  bytesField,
  Hash,
  Ins,
  RecordId,
  SessionId,
  SlotId,
  StatementText,
  VerifyKeyField,
} from '../../protocol/ids.ts'
import { RecordOpening } from '../../protocol/messages.ts'
import { EarlierIdentities, IdentityPaper } from '../../protocol/record.ts'
import type { Trust } from '../anchors.ts'
import type { Seen } from '../seen.ts'

/** Who this record's patient is, as verified at opening or activation. Public to the patient; no key. */
export const RecordFile = z.strictObject({
  v: z.literal(1),
  ins: Ins,
  recordId: RecordId,
  identity: StatementText,
  registration: StatementText,
  registrationSalt: bytesField({ exactly: 32 }),
  /** Papers of the identities before this one; left out where there is none. */
  earlier: EarlierIdentities,
  /** The activation code's registration and public key: for checking the entry of the activation later. */
  activation: z.strictObject({ registration: Hash, key: VerifyKeyField }).nullable(),
})
export type RecordFile = z.infer<typeof RecordFile>

/** This device's half of what opens its slot; useless without the secret code. */
export const DeviceFile = z.strictObject({
  v: z.literal(1),
  slotId: SlotId,
  secret: bytesField({ exactly: 32 }),
  /** The host's OPAQUE key at registration: another one at a sign-in is refused. */
  serverPublicKey: z.string().max(256),
})
export type DeviceFile = z.infer<typeof DeviceFile>

/**
 * A session between two commands. It holds the *unlocked* account key and the sealed bundle: whoever reads this file
 * during the session reads the record, and signs for the patient, as the patient's own programs can. It is the price of
 * commands that end between two acts; the file has mode 0600, lives in the home folder, and is removed at sign-out and
 * when the session is found over. A program that stays (the portal) keeps these keys in memory only.
 */
export const SessionFile = z.strictObject({
  v: z.literal(1),
  session: SessionId,
  accountKey: bytesField({ exactly: 32 }),
  state: StatementText,
  bundle: bytesField({ min: 48, max: 1 << 20 }),
})
export type SessionFile = z.infer<typeof SessionFile>

/**
 * An opening that was sent and perhaps not answered. Kept so that the same one is sent again: a second identity under one
 * registration freezes the record. It holds the account key, and is removed with the answer.
 */
export const OpeningFile = z.strictObject({
  v: z.literal(1),
  ins: Ins,
  request: RecordOpening,
  registration: StatementText,
  registrationSalt: bytesField({ exactly: 32 }),
  accountKey: bytesField({ exactly: 32 }),
})
export type OpeningFile = z.infer<typeof OpeningFile>

/**
 * A new identity that was proposed and waits to follow the one in force. Its keys are in a box that the new kit opens:
 * for the days that it waits, this file alone opens nothing.
 */
export const WaitingFile = z.strictObject({
  v: z.literal(1),
  ins: Ins,
  recordId: RecordId,
  identity: StatementText,
  registration: StatementText,
  registrationSalt: bytesField({ exactly: 32 }),
  /** Papers of those before it, the one that it follows last. */
  earlier: z.array(IdentityPaper).min(1).max(255),
  keys: bytesField({ min: 64, max: 256 }),
})
export type WaitingFile = z.infer<typeof WaitingFile>

/**
 * Where a patient's program keeps what must outlive it: a folder (`PatientHome`), or a browser's own storage. Each `save`
 * is durable when it returns and replaces the whole; each read gives what was saved last, or `null`.
 */
export interface PatientStore {
  /** The place in words, for messages. */
  readonly folder: string
  /** The pinned anchors, or those offered, which are pinned: the first ones hold for good. */
  trust(offered?: string): Promise<Trust>
  record(): Promise<RecordFile | null>
  /** The same. Throws `StepError` `home-missing` when no record was opened or activated here. */
  requireRecord(): Promise<RecordFile>
  saveRecord(record: RecordFile): Promise<void>
  device(): Promise<DeviceFile | null>
  saveDevice(device: DeviceFile): Promise<void>
  removeDevice(): Promise<void>
  /** What was seen of state and log; of a new place, that nothing was. */
  seen(): Promise<Seen>
  saveSeen(seen: Seen): Promise<void>
  session(): Promise<SessionFile | null>
  saveSession(session: SessionFile): Promise<void>
  removeSession(): Promise<void>
  opening(): Promise<OpeningFile | null>
  saveOpening(opening: OpeningFile): Promise<void>
  removeOpening(): Promise<void>
  /** A new identity of this patient's that waits; `null` writes that none does. */
  waiting(): Promise<WaitingFile | null>
  saveWaiting(waiting: WaitingFile | null): Promise<void>
}
