import { join } from 'node:path'
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
import { pinnedAnchors, type Trust } from '../anchors.ts'
import { StepError } from '../errors.ts'
import { readPrivateJson, removeFile, writePrivateJson } from '../home-files.ts'
import { nothingSeen, Seen } from '../seen.ts'

/** Who this record's patient is, as verified at opening or activation. Public to the patient; no key. */
export const RecordFile = z.strictObject({
  v: z.literal(1),
  ins: Ins,
  recordId: RecordId,
  identity: StatementText,
  registration: StatementText,
  registrationSalt: bytesField({ exactly: 32 }),
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

/** A patient's home folder: every file of it, by name. All have mode 0600. */
export class PatientHome {
  readonly folder: string

  constructor(folder: string) {
    this.folder = folder
  }

  /** The pinned anchors, or those offered, which are pinned. Throws as `pinnedAnchors`. */
  async trust(offered?: string): Promise<Trust> {
    return pinnedAnchors(join(this.folder, 'anchors.json'), offered)
  }

  async record(): Promise<RecordFile | null> {
    return readPrivateJson(join(this.folder, 'record.json'), RecordFile)
  }

  /** The same. Throws `StepError` `home-missing` when no record was opened or activated here. */
  async requireRecord(): Promise<RecordFile> {
    const record = await this.record()
    if (record !== null) return record
    throw new StepError(`There is no record in ${this.folder}: open or activate one first, or give its --home`, {
      code: 'home-missing',
    })
  }

  async saveRecord(record: RecordFile): Promise<void> {
    await writePrivateJson(join(this.folder, 'record.json'), record)
  }

  async device(): Promise<DeviceFile | null> {
    return readPrivateJson(join(this.folder, 'device.json'), DeviceFile)
  }

  async saveDevice(device: DeviceFile): Promise<void> {
    await writePrivateJson(join(this.folder, 'device.json'), device)
  }

  async removeDevice(): Promise<void> {
    await removeFile(join(this.folder, 'device.json'))
  }

  async seen(): Promise<Seen> {
    return (await readPrivateJson(join(this.folder, 'seen.json'), Seen)) ?? nothingSeen()
  }

  async saveSeen(seen: Seen): Promise<void> {
    await writePrivateJson(join(this.folder, 'seen.json'), seen)
  }

  async session(): Promise<SessionFile | null> {
    return readPrivateJson(join(this.folder, 'session.json'), SessionFile)
  }

  async saveSession(session: SessionFile): Promise<void> {
    await writePrivateJson(join(this.folder, 'session.json'), session)
  }

  async removeSession(): Promise<void> {
    await removeFile(join(this.folder, 'session.json'))
  }

  async opening(): Promise<OpeningFile | null> {
    return readPrivateJson(join(this.folder, 'opening.json'), OpeningFile)
  }

  async saveOpening(opening: OpeningFile): Promise<void> {
    await writePrivateJson(join(this.folder, 'opening.json'), opening)
  }

  async removeOpening(): Promise<void> {
    await removeFile(join(this.folder, 'opening.json'))
  }
}
