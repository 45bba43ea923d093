/** Bodies of the API's requests and answers on a patient's devices and sessions (docs/protocol/devices.md). */
import { z } from 'zod'
import { bytesField, Hash, Instant, SealKeyField, SessionId, SlotId } from './ids.ts'
import { Slot } from './record.ts'

/** A device as the host knows it: its times are the host's word, the chain has the proof. */
const DeviceSlot = z.strictObject({ slot: Slot, addedAt: Instant.nullable(), usedAt: Instant.nullable() })
const OpenSession = z.strictObject({
  /** Hash of the session's id: names it, and opens nothing. */
  session: Hash,
  slotId: SlotId.nullable(),
  openedAt: Instant,
  usedAt: Instant,
  /** The one that asks. */
  current: z.boolean(),
})
/** What opens the record, and who is signed in. */
export const Devices = z.strictObject({
  devices: z.array(DeviceSlot).max(64),
  sessions: z.array(OpenSession).max(256),
})
export type Devices = z.infer<typeof Devices>

// ── a new device by an old one ──────────────────────────────────────────────
export const PairingStart = z.strictObject({ sealKey: SealKeyField })
export type PairingStart = z.infer<typeof PairingStart>
/** `handle` fetches the answer and stays with the new device; `pairing` is shown. */
export const PairingStarted = z.strictObject({ handle: SessionId, pairing: Hash, expiresAt: Instant })
export type PairingStarted = z.infer<typeof PairingStarted>
export const PairingKey = z.strictObject({ sealKey: SealKeyField })
export type PairingKey = z.infer<typeof PairingKey>
export const PairingAnswer = z.strictObject({ sealed: bytesField({ exactly: 1168 }) })
export type PairingAnswer = z.infer<typeof PairingAnswer>
export const PairingAccepted = z.strictObject({ pairing: Hash })
export type PairingAccepted = z.infer<typeof PairingAccepted>
export const PairingTake = z.strictObject({ handle: SessionId })
export type PairingTake = z.infer<typeof PairingTake>
export const PairingAnswered = z.strictObject({ sealed: bytesField({ exactly: 1168 }).nullable() })
export type PairingAnswered = z.infer<typeof PairingAnswered>
