/** Bodies of the API's requests and answers by which an old device takes a new one in (docs/protocol/devices.md). */
import { z } from 'zod'
import { bytesField, Hash, Instant, SealKeyField, SessionId } from './ids.ts'

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
