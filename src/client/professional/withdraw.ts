import type { DocumentId, RecordId } from '../../protocol/ids.ts'
import { Receipted } from '../../protocol/messages.ts'
import type { Connection } from './connection.ts'

/**
 * Takes a document of one's own out of professionals' sight, for good; the patient keeps it. Throws `HostRefusal`
 * (`no-grant`, `document-unknown`: not there, not one's own, or out of reach), as `Connection.receive`.
 */
export async function withdrawDocument(
  connection: Connection,
  recordId: RecordId,
  documentId: DocumentId,
): Promise<void> {
  const { receipt } = await connection.host.call({
    ...connection.signing,
    method: 'POST',
    path: `/v1/records/${recordId}/documents/${documentId}/withdraw`,
    body: {},
    answer: Receipted,
  })
  await connection.receive(receipt, 'document.withdraw', { document: documentId })
}
