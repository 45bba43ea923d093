/** Key slots as the host keeps them: what may open a record's bundle, and nothing that it could open itself. */
import { slotLeaf } from '../log/sets.ts'
import type { Devices } from '../protocol/devices.ts'
import type { Hash, RecordId } from '../protocol/ids.ts'
import type { Slot } from '../protocol/record.ts'
import { Refusal } from './errors.ts'
import { instantOf } from './instant.ts'
import type { Tx } from './store/store.ts'

interface SlotRow {
  readonly body: string
  readonly added: number | null
  readonly used: number | null
}

/**
 * Stores slots that came with a state, and lets go of those that it names no more. Throws `Refusal` `state-invalid` unless
 * the slots now kept are exactly the state's devices.
 */
export function saveSlots(
  tx: Tx,
  record: RecordId,
  slots: readonly Slot[],
  { devices, at }: { readonly devices: readonly Hash[]; readonly at: Date },
): void {
  const unnamed = slots.some(slot => !devices.includes(slotLeaf(slot)))
  if (unnamed) throw notNamed()
  for (const slot of slots) {
    tx.run(
      `INSERT INTO slots (record, slot, body, added) VALUES (@record, @slot, @body, @now)
       ON CONFLICT (record, slot) DO UPDATE SET body = excluded.body`,
      { record, slot: slot.slotId, body: JSON.stringify(slot), now: at.getTime() },
    )
  }
  const kept = slotsOf(tx, record).filter(slot => {
    if (devices.includes(slotLeaf(slot))) return true
    tx.run('DELETE FROM slots WHERE record = @record AND slot = @slot', { record, slot: slot.slotId })
    return false
  })
  if (kept.length !== devices.length) throw notNamed()
}

function notNamed(): Refusal {
  return new Refusal('state-invalid', 'The key slots are not those that the state names')
}

export function slotsOf(tx: Tx, record: RecordId): Slot[] {
  return rowsOf(tx, record).map(({ body }) => JSON.parse(body) as Slot)
}

/** The same with what the host noted of each: when it came, when a session was last opened with it. */
export function devicesOf(tx: Tx, record: RecordId): Devices['devices'] {
  return rowsOf(tx, record).map(({ body, added, used }) => ({
    slot: JSON.parse(body) as Slot,
    addedAt: added === null ? null : instantOf(added),
    usedAt: used === null ? null : instantOf(used),
  }))
}

function rowsOf(tx: Tx, record: RecordId): SlotRow[] {
  return tx.all<SlotRow>('SELECT body, added, used FROM slots WHERE record = @record ORDER BY added, slot', { record })
}
