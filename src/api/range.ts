import { Refusal } from '../vault/errors.ts'

/** Bytes asked for: the first, and one past the last (null for "to the end"). */
export interface ByteRange {
  readonly start: number
  readonly end: number | null
}

/**
 * The `Range` of a request (RFC 9110 §14.2): one range of bytes with a beginning, or none at all (null).
 * Differs from the RFC: what we do not serve is refused instead of answered whole. Throws `Refusal` `range-invalid`.
 */
export function parseRange(header: string | undefined): ByteRange | null {
  if (header === undefined) return null
  const match = /^bytes=(0|[1-9]\d{0,14})-(0|[1-9]\d{0,14})?$/.exec(header)
  if (match === null) throw new Refusal('range-invalid', 'Ask for one range, as "bytes=from-to"')
  const from = Number(match[1])
  const to = match[2] === undefined ? null : Number(match[2])
  if (to !== null && to < from) throw new Refusal('range-invalid', 'A range ends at its beginning or after it')
  return { start: from, end: to === null ? null : to + 1 }
}
