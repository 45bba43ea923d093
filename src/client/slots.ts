import { box, unbox } from '../crypto/box.ts'
import { concat, fromBase64url, randomBytes, toBase64url, wiping } from '../crypto/bytes.ts'
import { AccountKey, type DeviceSecret, type KitSecret } from '../crypto/keys.ts'
import { slotLeaf } from '../log/sets.ts'
import type { RecordId, SlotId } from '../protocol/ids.ts'
import type { Slot, StateSets } from '../protocol/record.ts'
import { StepError, VerificationError } from './errors.ts'
import { deviceSlotKey, kitSlotKey, slotInfo } from './infos.ts'

/** What opens a slot. */
export type SlotOpener =
  | { readonly kind: 'kit'; readonly kit: KitSecret }
  | {
      readonly kind: 'device'
      /** 64 bytes, from the secret code through OPAQUE. */
      readonly exportKey: Uint8Array
      readonly device: DeviceSecret
    }

/** A new slot that wraps the account key, with an id of its own. */
export function makeSlot(input: {
  readonly recordId: RecordId
  readonly accountKey: AccountKey
  /** Counts account keys from 1. */
  readonly accountKeyVersion: number
  readonly opener: SlotOpener
  readonly slotId?: SlotId
}): Slot {
  const { recordId, accountKey, accountKeyVersion, opener } = input
  const place = {
    recordId,
    slotId: input.slotId ?? newSlotId(),
    kind: opener.kind,
    accountKeyVersion,
    parameters: '',
  } as const
  const wrapped = wiping(keyOf(opener, recordId), key =>
    wiping(accountKey.bytes, secret => box(key, slotInfo(place), secret)),
  )
  const { slotId, kind, parameters } = place
  return { slotId, kind, accountKeyVersion, parameters, wrapped: toBase64url(wrapped) }
}

/** A fresh slot id. */
export function newSlotId(): SlotId {
  return toBase64url(randomBytes(16)) as SlotId
}

/**
 * Opens the slot of this kind (and id) among those the host gave, and only one that the state's `devices` names.
 * Throws `StepError` `slot-missing` (this device, or the kit, opens this record no more), `VerificationError`
 * `slot-unknown` (a slot the patient never made), `StepError` `slot-open` (wrong kit or other secret).
 */
export function openSlot(input: {
  readonly recordId: RecordId
  readonly slots: readonly Slot[]
  readonly sets: StateSets
  readonly opener: SlotOpener
  readonly slotId?: SlotId
}): { readonly accountKey: AccountKey; readonly slot: Slot } {
  const { recordId, slots, sets, opener, slotId } = input
  const slot = slots.find(each => each.kind === opener.kind && (slotId === undefined || each.slotId === slotId))
  if (slot === undefined) {
    throw new StepError(
      `The record has no slot for this ${opener.kind}; use the kit, or a device that still opens it`,
      {
        code: 'slot-missing',
      },
    )
  }
  if (!sets.devices.includes(slotLeaf(slot))) {
    throw new VerificationError('The host gave a key slot that the patient’s state does not name; it was not opened', {
      code: 'slot-unknown',
      evidence: { slot },
    })
  }
  try {
    const info = slotInfo({ recordId, ...slot })
    const opened = wiping(keyOf(opener, recordId), key => unbox(key, info, fromBase64url(slot.wrapped)))
    return { accountKey: wiping(opened, AccountKey.parse), slot }
  } catch (cause) {
    throw new StepError(
      opener.kind === 'kit'
        ? 'This recovery kit is not the one of this record'
        : 'This device does not open the record',
      { code: 'slot-open', cause },
    )
  }
}

/** A slot that the state names, for what all of them have alike. Throws `StepError` `slot-missing`. */
export function namedSlot(slots: readonly Slot[], sets: Pick<StateSets, 'devices'>): Slot {
  const slot = slots.find(each => sets.devices.includes(slotLeaf(each)))
  if (slot !== undefined) return slot
  throw new StepError('The host serves no key slot that the record’s state names', { code: 'slot-missing' })
}

function keyOf(opener: SlotOpener, recordId: RecordId): Uint8Array {
  if (opener.kind === 'kit') return wiping(opener.kit.bytes, kit => kitSlotKey(kit, recordId))
  const both = wiping(opener.device.bytes, device => concat(opener.exportKey, device))
  return wiping(both, both => deviceSlotKey(both, recordId))
}
