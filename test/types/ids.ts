/** Ids of different things are all 22 letters: the compiler keeps them apart. Checked by `tsc`, never run. */
import { bodyContext } from '../../src/client/infos.ts'
import type { CompartmentId, DocumentId, GrantId, Hash, Ins, RecordId } from '../../src/protocol/ids.ts'
import { formatIns } from '../../src/protocol/ins.ts'
import { requireState } from '../../src/vault/acts.ts'
import type { Tx } from '../../src/vault/store/store.ts'

export function misuse(tx: Tx, record: RecordId, ins: Ins, grant: GrantId, hash: Hash): void {
  requireState(tx, record)
  // @ts-expect-error an INS where a record id belongs
  requireState(tx, ins)
  // @ts-expect-error a grant's id where a record's belongs
  requireState(tx, grant)
  // @ts-expect-error a hash where a record id belongs
  requireState(tx, hash)
  // @ts-expect-error a text that nobody checked
  requireState(tx, 'AAAAAAAAAAAAAAAAAAAAAA')
}

/** The same in the client, where an INS and a record id stand side by side. */
export function misuseInClient(record: RecordId, ins: Ins, compartment: CompartmentId, document: DocumentId): void {
  bodyContext({ recordId: record, documentId: document })
  // @ts-expect-error an INS where a record id belongs
  bodyContext({ recordId: ins, documentId: document })
  // @ts-expect-error a compartment's id where a document's belongs
  bodyContext({ recordId: record, documentId: compartment })
  // @ts-expect-error a document's id where a record's belongs
  bodyContext({ recordId: document, documentId: document })
  // @ts-expect-error a record id where an INS belongs
  formatIns(record)
}
