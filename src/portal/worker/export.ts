/** Takes the record along: archives made here, of files that are opened here. The only file that imports client-zip. */
import { makeZip } from 'client-zip'
import { exportRecord, exportTrace, type NotExported, type PatientSession } from '../../client/browser.ts'
import type { Talk } from '../talk.ts'
import { gathered } from './blobs.ts'
import { currentSession } from './session.ts'

/** An archive to be saved. */
export interface Archive {
  readonly blob: Blob
  readonly fileName: string
}

/** The same of all documents, and what is not in it. */
export interface RecordArchive extends Archive {
  readonly documents: number
  readonly left: number
}

interface Entry {
  readonly name: string
  readonly lastModified: Date
  readonly input: Blob | string | Uint8Array<ArrayBuffer>
}

export const exportActs = {
  /** Every document, opened and checked, with what describes them to other software. */
  async exportDocuments(_: null, talk: Talk): Promise<RecordArchive> {
    const session = currentSession()
    const summary = { documents: 0, left: 0 }
    const blob = await archiveOf(documentsOf(session, { summary, progress: talk.progress }))
    return { blob, fileName: `dossier-medical-${today(session)}.zip`, ...summary }
  },

  /** Who did what, with the proof of each line, for somebody who trusts neither host nor patient. */
  async exportTrace(_: null): Promise<Archive> {
    const session = currentSession()
    return { blob: await archiveOf(traceOf(session)), fileName: `historique-${today(session)}.zip` }
  },
}

/** A document goes into the archive only when all of it was opened and held: what fails is left out whole. */
async function* documentsOf(
  session: PatientSession,
  { summary, progress }: { summary: { documents: number; left: number }; progress: Talk['progress'] },
): AsyncGenerator<Entry> {
  const lastModified = session.clock()
  const files = exportRecord(session, progress)
  let next = await files.next()
  while (next.done !== true) {
    const { path, content } = next.value
    let input: Blob
    try {
      input = await gathered(content(), 'application/octet-stream')
    } catch (error) {
      // The export says whether it goes on without this one.
      next = await files.throw(error)
      continue
    }
    yield { name: path, lastModified, input }
    next = await files.next()
  }
  const { documents, notExported }: { documents: number; notExported: readonly NotExported[] } = next.value
  Object.assign(summary, { documents, left: notExported.length })
}

async function* traceOf(session: PatientSession): AsyncGenerator<Entry> {
  const lastModified = session.clock()
  for await (const { path, content } of exportTrace(session)) {
    yield { name: path, lastModified, input: typeof content === 'string' ? content : new Uint8Array(content) }
  }
}

async function archiveOf(entries: AsyncIterable<Entry>): Promise<Blob> {
  return gathered(makeZip(entries), 'application/zip')
}

const today = (session: PatientSession) => session.clock().toISOString().slice(0, 10)
