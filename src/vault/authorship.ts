/** Which documents an author may correct or withdraw: the own ones, where the grant still reaches. */
import { parseStatement } from '../crypto/statement.ts'
import type { CompartmentId, DocumentId, RecordId } from '../protocol/ids.ts'
import type { HeldGrant } from './access.ts'
import type { Practitioner } from './caller.ts'
import { Refusal } from './errors.ts'
import type { Tx } from './store/store.ts'

/**
 * Throws `Refusal` `document-unknown` unless the document is there, its author's (of whichever key of theirs), not
 * withdrawn, and in a compartment that the grant names: one that was masked answers as one that never was.
 */
export function requireOwnDocument(
  tx: Tx,
  record: RecordId,
  document: DocumentId,
  { caller, held }: { readonly caller: Practitioner; readonly held: HeldGrant },
): void {
  const row = tx.get<{ deposit: string; compartment: CompartmentId; withdrawn: number }>(
    'SELECT deposit, compartment, withdrawn FROM documents WHERE record = @record AND document = @document',
    { record, document },
  )
  const author = tx.get<{ kind: string; national_id: string }>('SELECT kind, national_id FROM keys WHERE hash = @key', {
    key: row === undefined ? '' : (parseStatement(row.deposit).signatures[0]?.header.kid ?? ''),
  })
  const isOwn = author?.kind === caller.kind && author.national_id === caller.id
  const reaches = held.grant.compartments.some(({ id }) => id === row?.compartment)
  if (row !== undefined && row.withdrawn === 0 && isOwn && reaches) return
  throw new Refusal('document-unknown', 'There is no such document of yours')
}
