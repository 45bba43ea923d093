/** Everything of a record, opened here, for the patient to keep or to carry elsewhere. */
import type { Bytes } from '../../crypto/bytes.ts'
import { toHex, utf8 } from '../../crypto/bytes.ts'
import { Sha256 } from '../../crypto/hash.ts'
import type { DocumentId } from '../../protocol/ids.ts'
import { extensionOf } from '../document/format.ts'
import { DocumentRefused } from '../document/refusal.ts'
import { documentReference } from './document-reference.ts'
import { listDocuments, readDocument } from './documents.ts'
import type { PatientSession } from './session.ts'

/** One file of an export: its path in the folder, and its content as it comes. */
export interface ExportFile {
  readonly path: string
  /** Whole only when it ends without throwing; whoever writes it keeps it aside until then. */
  content(): AsyncIterable<Bytes>
}

/** A document that could not be exported, and why. */
export interface NotExported {
  readonly documentId: DocumentId | null
  readonly reason: string
}

/** What an export came to, once all its files were taken. */
export interface ExportSummary {
  readonly documents: number
  readonly notExported: readonly NotExported[]
}

/**
 * The files of an export, one after the other: each document's content, masked and withdrawn ones too, then
 * `documents.json` (a FHIR R4 Bundle of DocumentReferences) and `SHA256SUMS`. Each document is checked and opened here;
 * one that fails its checks is left out, named in the summary and reported. Each read is in the log like any other.
 * Throws as `listDocuments`, `readDocument`.
 */
export async function* exportRecord(
  session: PatientSession,
  progress: (done: number, total: number) => void = () => {},
): AsyncGenerator<ExportFile, ExportSummary> {
  const listed = await listDocuments(session)
  const notExported: NotExported[] = []
  const replaced = new Map<DocumentId, DocumentId>()
  for (const { document } of listed) {
    const before = document?.deposit.payload.replaces
    if (document !== null && before !== undefined) replaced.set(before, document.documentId)
  }
  const subject = { deployment: session.trust.anchors.deployment, ins: session.record.ins }
  const entries: object[] = []
  const sums: string[] = []
  for (const [index, each] of listed.entries()) {
    progress(index, listed.length)
    if (each.document === null) {
      notExported.push({ documentId: each.refused.documentId, reason: each.refused.code })
      continue
    }
    const { documentId } = each.document
    try {
      using read = await readDocument(session, documentId)
      const path = `documents/${documentId}${extensionOf(read.document.manifest.mimeType)}`
      const hash = new Sha256()
      yield { path, content: () => hashed(read.content(), hash) }
      const sha256 = hash.digest()
      sums.push(`${toHex(sha256)}  ${path}`)
      const replacedBy = replaced.get(documentId) ?? null
      const { kind, masked, withdrawn } = each
      const exported = { document: read.document, kind, masked, withdrawn, replacedBy, url: path, sha256 }
      const fullUrl = `urn:coffre:${subject.deployment}:document:${documentId}`
      entries.push({ fullUrl, resource: documentReference(exported, subject) })
    } catch (error) {
      if (!(error instanceof DocumentRefused)) throw error
      notExported.push({ documentId, reason: error.code })
    }
  }
  progress(listed.length, listed.length)
  yield text(
    'documents.json',
    `${JSON.stringify({ resourceType: 'Bundle', type: 'collection', entry: entries }, null, 2)}\n`,
  )
  yield text('SHA256SUMS', sums.map(line => `${line}\n`).join(''))
  return { documents: entries.length, notExported }
}

async function* hashed(content: AsyncIterable<Bytes>, hash: Sha256): AsyncGenerator<Bytes> {
  for await (const piece of content) {
    hash.update(piece)
    yield piece
  }
}

function text(path: string, content: string): ExportFile {
  return {
    path,
    async *content() {
      yield utf8(content)
    },
  }
}
