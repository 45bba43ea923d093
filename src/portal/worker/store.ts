/** A patient's store in the browser: one IndexedDB database of this origin. */
import type { ZodType } from 'zod'
import { parseAnchors, type Trust, trustOf } from '../../client/anchors.ts'
import { StepError } from '../../client/errors.ts'
import {
  DeviceFile,
  OpeningFile,
  type PatientStore,
  RecordFile,
  type SessionFile,
  WaitingFile,
} from '../../client/patient/store.ts'
import { nothingSeen, Seen } from '../../client/seen.ts'

const DATABASE = 'coffre'
const OBJECTS = 'files'

/**
 * What outlives the page: who the patient is, this device's half of what opens the record (useless without the secret
 * code), what was seen of the log; and an opening under way, from just before it is sent until it is answered. The
 * session, with the keys in it, stays in this object's memory and ends with the worker.
 */
export class BrowserStore implements PatientStore {
  readonly folder = 'this browser'
  readonly #trust: Trust
  readonly #database: Promise<IDBDatabase>
  #session: SessionFile | null = null

  /** `anchors` are those compiled into the pages. */
  constructor(anchors: string) {
    this.#trust = trustOf(parseAnchors(anchors))
    this.#database = openDatabase()
  }

  async trust(): Promise<Trust> {
    return this.#trust
  }

  async record(): Promise<RecordFile | null> {
    return this.#read('record', RecordFile)
  }

  async requireRecord(): Promise<RecordFile> {
    const record = await this.record()
    if (record !== null) return record
    throw new StepError('No record was opened or activated in this browser', { code: 'home-missing' })
  }

  async saveRecord(record: RecordFile): Promise<void> {
    await this.#write('record', record)
  }

  async device(): Promise<DeviceFile | null> {
    return this.#read('device', DeviceFile)
  }

  async saveDevice(device: DeviceFile): Promise<void> {
    await this.#write('device', device)
  }

  async removeDevice(): Promise<void> {
    await this.#write('device', null)
  }

  async seen(): Promise<Seen> {
    return (await this.#read('seen', Seen)) ?? nothingSeen()
  }

  async saveSeen(seen: Seen): Promise<void> {
    await this.#write('seen', seen)
  }

  async session(): Promise<SessionFile | null> {
    return this.#session
  }

  async saveSession(session: SessionFile): Promise<void> {
    this.#session = session
  }

  async removeSession(): Promise<void> {
    this.#session = null
  }

  async opening(): Promise<OpeningFile | null> {
    return this.#read('opening', OpeningFile)
  }

  async saveOpening(opening: OpeningFile): Promise<void> {
    await this.#write('opening', opening)
  }

  async removeOpening(): Promise<void> {
    await this.#write('opening', null)
  }

  async waiting(): Promise<WaitingFile | null> {
    return this.#read('waiting', WaitingFile)
  }

  async saveWaiting(waiting: WaitingFile | null): Promise<void> {
    await this.#write('waiting', waiting)
  }

  async #read<T>(name: string, schema: ZodType<T>): Promise<T | null> {
    const database = await this.#database
    const value = await done(database.transaction(OBJECTS).objectStore(OBJECTS).get(name))
    if (value === undefined) return null
    const parsed = schema.safeParse(value)
    if (parsed.success) return parsed.data
    throw new StepError('What this browser kept of the record is damaged', { code: 'store-damaged' })
  }

  /** Durable when it returns: the transaction is complete, and asked to be strictly so. */
  async #write(name: string, value: object | null): Promise<void> {
    const database = await this.#database
    const transaction = database.transaction(OBJECTS, 'readwrite', { durability: 'strict' })
    const objects = transaction.objectStore(OBJECTS)
    if (value === null) objects.delete(name)
    else objects.put(value, name)
    await new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve()
      transaction.onabort = () => reject(notKept(transaction.error))
    })
  }
}

function openDatabase(): Promise<IDBDatabase> {
  const request = indexedDB.open(DATABASE, 1)
  request.onupgradeneeded = () => void request.result.createObjectStore(OBJECTS)
  return done(request)
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(notKept(request.error))
  })
}

function notKept(cause: unknown): StepError {
  return new StepError('This browser keeps nothing (a private window, or a full disk)', { code: 'store-closed', cause })
}
