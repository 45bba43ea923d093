/** Ids of different things are all 22 letters: the compiler keeps them apart. Checked by `tsc`, never run. */
import type { GrantId, Hash, Ins, RecordId } from '../../src/protocol/ids.ts'
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
