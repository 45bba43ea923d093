/**
 * Branded identifiers and the bounded schemas that make them from input.
 * A value of one of these types has passed its schema; there is no other way to get one.
 */
import { z } from 'zod'

/** Base64url, canonical, of exactly 16 bytes: 22 characters, the last carrying 2 bits. */
const id16 = z.string().regex(/^[A-Za-z0-9_-]{21}[AQgw]$/, 'expected 16 bytes as base64url')
/** Base64url, canonical, of exactly 32 bytes: 43 characters, the last carrying 4 bits. */
const id32 = z.string().regex(/^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/, 'expected 32 bytes as base64url')

export const DeploymentId = id16.brand('DeploymentId')
/** Which installation a statement belongs to; 16 random bytes made with the deployment. */
export type DeploymentId = z.infer<typeof DeploymentId>

export const RecordId = id16.brand('RecordId')
/** First 16 bytes of SHA-256(first identity statement): nobody chooses it. */
export type RecordId = z.infer<typeof RecordId>

export const DocumentId = id16.brand('DocumentId')
export type DocumentId = z.infer<typeof DocumentId>

export const CompartmentId = id16.brand('CompartmentId')
export type CompartmentId = z.infer<typeof CompartmentId>

export const GrantId = id16.brand('GrantId')
export type GrantId = z.infer<typeof GrantId>

export const DelegationId = id16.brand('DelegationId')
/** What a Vitale card may do for the patient. */
export type DelegationId = z.infer<typeof DelegationId>

export const SlotId = id16.brand('SlotId')
/** A key slot: the kit's or one device's. */
export type SlotId = z.infer<typeof SlotId>

export const UploadId = id16.brand('UploadId')
export type UploadId = z.infer<typeof UploadId>

export const SessionId = id32.brand('SessionId')
export type SessionId = z.infer<typeof SessionId>

export const RequestId = id16.brand('RequestId')
/** An access request waiting for the patient's answer. */
export type RequestId = z.infer<typeof RequestId>

export const Hash = id32.brand('Hash')
/** SHA-256, base64url. Of a statement: over the ASCII bytes of its whole text. */
export type Hash = z.infer<typeof Hash>

export const Ins = z
  .string()
  .regex(/^\d{22}$/, 'an INS has 22 digits')
  .brand('Ins')
/** 20 digits and a 2-digit key, without spaces (docs/protocol/ins.md). */
export type Ins = z.infer<typeof Ins>

/** The platform takes 30 February for 2 March, and 24:00 for the next day: those are no times of RFC 3339. */
function exists(text: string): boolean {
  const time = Date.parse(text)
  return !Number.isNaN(time) && new Date(time).toISOString() === text
}

/** RFC 3339, UTC, milliseconds: `2026-11-24T08:00:00.000Z`. */
export const Instant = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/, 'expected RFC 3339 UTC with milliseconds')
  .refine(exists, 'not a date')
  .brand('Instant')
export type Instant = z.infer<typeof Instant>

/** `8` + RPPS, `0` + ADELI for a person; `1` + FINESS … for an establishment (domain: certificates). */
export const NationalId = z
  .string()
  .regex(/^[0-9A-Z]{2,30}$/, 'expected a national identifier')
  .brand('NationalId')
export type NationalId = z.infer<typeof NationalId>

/** The last symbols that leave no spare bit set, by how many symbols there are beyond a multiple of four; never one. */
const LAST = [/^$|[A-Za-z0-9_-]$/, null, /[AQgw]$/, /[AEIMQUYcgkosw048]$/] as const

/** One spelling for the same bytes, as `fromBase64url` wants it. */
function isCanonical(text: string): boolean {
  return LAST[text.length % 4]?.test(text.slice(-1)) ?? false
}

/** Raw bytes as base64url without padding, canonical; `exactly` and the bounds count bytes, not characters. */
export function bytesField(bounds: { exactly?: number; min?: number; max?: number }) {
  const chars = (n: number) => Math.ceil((n * 4) / 3)
  const min = chars(bounds.exactly ?? bounds.min ?? 0)
  const max = chars(bounds.exactly ?? bounds.max ?? 1 << 20)
  return z
    .string()
    .min(min)
    .max(max)
    .regex(/^[A-Za-z0-9_-]*$/, 'expected base64url without padding')
    .refine(isCanonical, 'expected base64url with no spare bit set')
}

/** Ed25519 public key. */
export const VerifyKeyField = bytesField({ exactly: 32 })
/** X-Wing public key, 1216 bytes. */
export const SealKeyField = bytesField({ exactly: 1216 })

/** A compact JWS or two co-signed halves joined by `~` (docs/protocol/statement.md). */
export const StatementText = z
  .string()
  .max(256 * 1024)
  .regex(/^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+(~[A-Za-z0-9_-]+\.\.[A-Za-z0-9_-]+)?$/)
