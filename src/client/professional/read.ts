/** Listing and reading, each logged before anything is answered; what fails its checks is refused and reported. */

import type { Bytes } from '../../crypto/bytes.ts'
import { toBase64url } from '../../crypto/bytes.ts'
import { statementHash } from '../../crypto/statement.ts'
import { claimDeposit } from '../../log/grant.ts'
import { listHash } from '../../log/list.ts'
import type { DocumentId, RecordId } from '../../protocol/ids.ts'
import { DocumentList } from '../../protocol/messages.ts'
import { type Read, readDocument, reportRefusal } from '../document/download.ts'
import { type OpenedDocument, openDocument } from '../document/open.ts'
import { DocumentRefused } from '../document/refusal.ts'
import { HostRefusal } from '../errors.ts'
import { together } from '../together.ts'
import { type Access, readerOf } from './access.ts'
import type { Connection } from './connection.ts'

/** The documents within reach. */
export interface Listed {
  readonly documents: readonly OpenedDocument[]
  /** Those that failed a check: reported, evidence kept, not opened. */
  readonly refused: readonly Refused[]
}

/** One refused document. */
export interface Refused {
  readonly documentId: DocumentId | null
  readonly reason: string
  readonly message: string
  /** Path of the evidence. */
  readonly evidence: string
}

/**
 * Lists the documents in the compartments that the grant opens for reading; each page is one entry in the log, whose
 * receipt must name the very ids that came. Throws `HostRefusal` (`no-grant`), `VerificationError` `receipt-event`.
 */
export async function listDocuments(connection: Connection, access: Access): Promise<Listed> {
  const { recordId } = access
  const reader = readerOf(connection, access)
  const documents: OpenedDocument[] = []
  const refused: Refused[] = []
  const ask = (after: number | null): Promise<DocumentList> => {
    const page = connection.host.call({
      ...connection.signing,
      method: 'GET',
      path: `/v1/records/${recordId}/documents`,
      ...(after === null ? {} : { query: { after } }),
      answer: DocumentList,
    })
    page.catch(() => undefined) // told when it is awaited, if it ever is
    return page
  }
  for (let asked: Promise<DocumentList> | null = ask(null); asked !== null; ) {
    const page: DocumentList = await asked
    asked = page.next === null ? null : ask(page.next) // on its way while this one is looked at
    const claims = page.documents.map(({ deposit }) => claimDeposit(deposit))
    const ids = claims.map(({ payload }) => payload.documentId)
    await connection.receive(page.receipt, 'document.list', { ids: listHash(ids), count: ids.length })
    const given = page.documents.map((stored, i) => ({ stored, claim: claims[i] as (typeof claims)[number] }))
    const lines = await together(given, async ({ stored, claim }) => {
      try {
        const document = await openDocument(stored, reader, claim.payload.documentId, claim)
        document.wipe() // a list shows manifests; content is opened by a read of its own
        return { document }
      } catch (error) {
        if (!(error instanceof DocumentRefused)) throw error
        return { refused: await refuse(connection, recordId, error) }
      }
    })
    for (const line of lines) {
      if (line.document === undefined) refused.push(line.refused)
      else documents.push(line.document)
    }
  }
  return { documents, refused }
}

/**
 * Opens a read. The content then streams through `Read.content`; a block that fails its check ends the stream, is
 * reported, its evidence kept. Throws `HostRefusal` (`document-unknown`: out of reach, masked or never there, which are
 * one to a professional), `DocumentRefused`.
 */
export async function openRead(connection: Connection, access: Access, documentId: DocumentId): Promise<Read> {
  const { recordId } = access
  const reader = readerOf(connection, access)
  const read = await refusing(connection, recordId, () =>
    readDocument(connection.host, {
      recordId,
      documentId,
      signing: () => connection.signing,
      reader,
      keep: receipt => connection.receive(receipt, 'document.read', { document: documentId }),
    }),
  )
  return {
    ...read,
    content: (progress, options) => reporting(connection, recordId, read.content(progress, options)),
    range: range => reporting(connection, recordId, read.range(range)),
  }
}

/** Passes content on; a refusal is kept and told before it is thrown. */
async function* reporting(
  connection: Connection,
  recordId: RecordId,
  content: AsyncGenerator<Bytes>,
): AsyncGenerator<Bytes> {
  try {
    yield* content
  } catch (error) {
    if (error instanceof DocumentRefused) await refuse(connection, recordId, error)
    throw error
  }
}

async function refusing<T>(connection: Connection, recordId: RecordId, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof DocumentRefused) await refuse(connection, recordId, error)
    throw error
  }
}

/** Keeps the evidence, tells the host. That the host cannot or will not hear it does not change the refusal. */
async function refuse(connection: Connection, recordId: RecordId, error: DocumentRefused): Promise<Refused> {
  const { documentId, code, message } = error
  const evidence = await connection.workstation.keepEvidence(`document-${code}`, {
    recordId,
    documentId,
    reason: code,
    statement: toBase64url(statementHash(error.evidence.document.deposit)),
    ...error.evidence,
  })
  if (documentId !== null) {
    try {
      const receipt = await reportRefusal(connection.host, { recordId, documentId, signing: connection.signing }, error)
      await connection.receive(receipt, 'document.refused', { document: documentId, reason: code })
    } catch (failure) {
      if (!HostRefusal.is(failure)) throw failure
    }
  }
  return { documentId, reason: code, message, evidence }
}
