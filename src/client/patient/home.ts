import { join } from 'node:path'
import type { Trust } from '../anchors.ts'
import { pinnedAnchors } from '../anchors-file.ts'
import { StepError } from '../errors.ts'
import { readPrivateJson, removeFile, writePrivateJson } from '../home-files.ts'
import { nothingSeen, Seen } from '../seen.ts'
import { DeviceFile, OpeningFile, type PatientStore, RecordFile, SessionFile, WaitingFile } from './store.ts'

/** A patient's home folder: every file of it, by name. All have mode 0600. */
export class PatientHome implements PatientStore {
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

  async waiting(): Promise<WaitingFile | null> {
    return readPrivateJson(join(this.folder, 'waiting.json'), WaitingFile)
  }

  async saveWaiting(waiting: WaitingFile | null): Promise<void> {
    const file = join(this.folder, 'waiting.json')
    await (waiting === null ? removeFile(file) : writePrivateJson(file, waiting))
  }
}
