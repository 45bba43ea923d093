/**
 * Which documents a caller may read now. To a professional, a document out of reach and one that never was are one case
 * everywhere: what is out of reach is left out by the statement that looks, so that nothing is read or done for it.
 */
import { readable } from '../log/grant.ts'
import type { CompartmentId, DocumentId, Hash, RecordId } from '../protocol/ids.ts'
import { requireGrant } from './access.ts'
import { type RecordRequest, requireOwner, requireState } from './acts.ts'
import { Refusal } from './errors.ts'
import type { Params, Tx } from './store/store.ts'

/** What an act on documents relies on. */
export interface Reach {
  readonly state: Hash
  readonly grant: Hash | null
  /** A condition on rows of `documents`, to stand after AND. */
  readonly condition: string
  /** Its parameters. */
  readonly params: Params
}

/** The patient reaches all of the own record; a card holder what the grant opens for reading. Throws as `requireGrant`. */
export function reachOf(tx: Tx, request: RecordRequest, record: RecordId): Reach {
  const { caller } = request
  if (caller.kind === 'patient') {
    requireOwner(request, record)
    return { state: requireState(tx, record), grant: null, condition: '1 = 1', params: {} }
  }
  const { hash, grant, state } = requireGrant(tx, record, caller, request.at)
  return { state, grant: hash, ...openTo(readable(grant)) }
}

/** Not withdrawn, and in one of these compartments. One text for a number of compartments: it is prepared once. */
function openTo(compartments: readonly CompartmentId[]): Pick<Reach, 'condition' | 'params'> {
  // A list without members is no SQL; no compartment has an empty name.
  const names = compartments.length === 0 ? ["''"] : compartments.map((_, i) => `@c${i}`)
  return {
    condition: `withdrawn = 0 AND compartment IN (${names.join(', ')})`,
    params: Object.fromEntries(compartments.map((id, i) => [`c${i}`, id])),
  }
}

/** The document, by the columns asked for. Throws `Refusal` `document-unknown` where it is out of reach or is not. */
export function requireReachable<T>(
  tx: Tx,
  where: { readonly record: RecordId; readonly document: DocumentId },
  { condition, params }: Reach,
  columns: string,
): T {
  const sql = `SELECT ${columns} FROM documents WHERE record = @record AND document = @document AND ${condition}`
  const row = tx.get<T>(sql, { ...where, ...params })
  if (row === undefined) throw new Refusal('document-unknown', 'There is no such document')
  return row
}
