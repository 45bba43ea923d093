import { CryptoError } from './errors.ts'

// ES2026 (arraybuffer-base64): in Node 25 and current browsers, not yet in TypeScript 5.9's library.
declare global {
  interface Uint8Array {
    toBase64(options?: { alphabet?: 'base64' | 'base64url'; omitPadding?: boolean }): string
    toHex(): string
  }
  interface Uint8ArrayConstructor {
    fromBase64(text: string, options?: { alphabet?: 'base64' | 'base64url' }): Uint8Array<ArrayBuffer>
    fromHex(text: string): Uint8Array<ArrayBuffer>
  }
}

/** Bytes, never text and never an array of numbers. */
export type Bytes = Uint8Array

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** UTF-8 bytes of a text. Throws `CryptoError` `text-malformed` on a lone surrogate (it has no UTF-8 form). */
export function utf8(text: string): Bytes {
  requireWellFormed(text)
  return encoder.encode(text)
}

/** Throws `CryptoError` `text-malformed` on a lone surrogate. */
export function requireWellFormed(text: string): void {
  if (text.isWellFormed()) return
  throw new CryptoError('Text holds a lone surrogate; give well-formed Unicode', { code: 'text-malformed' })
}

/** Text of UTF-8 bytes, a byte-order mark kept. Throws `CryptoError` `text-malformed` on anything but valid UTF-8. */
export function fromUtf8(bytes: Bytes): string {
  try {
    return decoder.decode(bytes)
  } catch (cause) {
    throw new CryptoError(`These ${bytes.length} bytes are not valid UTF-8`, {
      code: 'text-malformed',
      cause,
    })
  }
}

/** Base64url without padding (RFC 4648 §5), the form of every binary field in JSON. */
export function toBase64url(bytes: Bytes): string {
  return bytes.toBase64({ alphabet: 'base64url', omitPadding: true })
}

/**
 * Strict inverse of `toBase64url`: the one canonical text of each value and no other (no padding, no white space, no
 * other alphabet, unused bits zero). Throws `CryptoError` `base64-malformed`.
 */
export function fromBase64url(text: string): Bytes {
  return decodeCanonical(text, 'base64url')
}

const SYMBOLS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const VALUES = new Uint8Array(128)
for (const [value, symbol] of [...SYMBOLS].entries()) VALUES[symbol.charCodeAt(0)] = value

/**
 * Writes the bytes of a text that `toBase64url` made, and of no other: nothing is checked. Logs have a hash an entry, and
 * the platform takes four times as long for so few bytes.
 */
export function writeOwnBase64url(text: string, target: Bytes, at: number): void {
  let bits = 0
  let held = 0
  let to = at
  for (let i = 0; i < text.length; i++) {
    held = ((held << 6) | (VALUES[text.charCodeAt(i)] as number)) & 0x3fff
    bits += 6
    if (bits < 8) continue
    bits -= 8
    target[to++] = held >> bits
  }
}

/** Base64 with padding (RFC 4648 §4), where a format of others wants it (notes, HTTP structured fields, `x5c`). */
export function toBase64(bytes: Bytes): string {
  return bytes.toBase64()
}

/** Strict inverse of `toBase64`: canonical text only, padded. Throws `CryptoError` `base64-malformed`. */
export function fromBase64(text: string): Bytes {
  return decodeCanonical(text, 'base64')
}

const DECODING = { base64: { alphabet: 'base64' }, base64url: { alphabet: 'base64url' } } as const
/** Last symbols, by how many of the last group there are, whose unused bits are zero. */
const LAST = ['', '', 'AQgw', 'AEIMQUYcgkosw048'] as const

/**
 * One value has one text, whatever the platform's decoder forgives: white space and padding show in the length, since
 * they stand for no bytes; unused bits show in the last symbol.
 */
function decodeCanonical(text: string, alphabet: keyof typeof DECODING): Bytes {
  let bytes: Bytes | null = null
  try {
    bytes = Uint8Array.fromBase64(text, DECODING[alphabet])
  } catch {
    // The platform's message may quote the text: it is not kept.
  }
  const padding = alphabet === 'base64url' ? 0 : text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0
  const symbols = text.length - padding
  const last = symbols % 4
  const isWhole = alphabet === 'base64url' ? last !== 1 : text.length % 4 === 0
  const isExact = bytes !== null && bytes.length === Math.floor((symbols * 3) / 4)
  if (bytes !== null && isWhole && isExact && (last === 0 || LAST[last]?.includes(text[symbols - 1] as string))) {
    return bytes
  }
  throw new CryptoError(`Not canonical ${alphabet} (${text.length} characters)`, { code: 'base64-malformed' })
}

/** Lower-case hexadecimal. */
export function toHex(bytes: Bytes): string {
  return bytes.toHex()
}

/** Strict inverse of `toHex`: lower case, even length. Throws `CryptoError` `hex-malformed`. */
export function fromHex(text: string): Bytes {
  if (!/^(?:[0-9a-f]{2})*$/.test(text)) {
    throw new CryptoError(`Not lower-case hexadecimal (${text.length} characters)`, {
      code: 'hex-malformed',
    })
  }
  return Uint8Array.fromHex(text)
}

/** One array with all the parts, in order; always a copy. */
export function concat(...parts: readonly Bytes[]): Bytes {
  let length = 0
  for (const part of parts) length += part.length
  const joined = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}

/** 4 bytes, big-endian, of an integer 0..2^32-1. Throws `CryptoError` `integer-range` outside. */
export function u32be(value: number): Bytes {
  if (!Number.isInteger(value) || value < 0 || value > 0xffff_ffff) {
    throw new CryptoError('Integer outside 0..2^32-1', { code: 'integer-range' })
  }
  // Shifts, not a DataView: asking for the array's buffer costs ten times the rest, and every hashed field comes by here.
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value)
}

/** 8 bytes, big-endian, of an integer 0..2^64-1 (a number only up to 2^53-1). Throws `CryptoError` `integer-range`. */
export function u64be(value: bigint | number): Bytes {
  const whole = typeof value === 'bigint' || Number.isSafeInteger(value)
  if (!whole || value < 0 || BigInt(value) > 0xffff_ffff_ffff_ffffn) {
    throw new CryptoError('Integer outside 0..2^64-1, or not exact', { code: 'integer-range' })
  }
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value))
  return bytes
}

/**
 * Every field preceded by its length: `u32be(length) ‖ field`, one after the other; texts as UTF-8.
 * The only way in which fields are joined before being hashed, signed or used for key derivation, so that no two
 * different lists give the same bytes.
 */
export function lp(...fields: readonly (string | Bytes)[]): Bytes {
  const parts = fields.map(field => (typeof field === 'string' ? utf8(field) : field))
  let length = 0
  for (const part of parts) length += 4 + part.length
  const joined = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    joined.set(u32be(part.length), at)
    joined.set(part, at + 4)
    at += 4 + part.length
  }
  return joined
}

/** Whether two arrays hold the same bytes, in time that depends on their length alone; `false` on unequal lengths. */
export function equal(a: Bytes, b: Bytes): boolean {
  if (a.length !== b.length) return false
  let difference = 0
  for (let i = 0; i < a.length; i++) difference |= (a[i] as number) ^ (b[i] as number)
  return difference === 0
}

/** Random bytes of the platform's cryptographic generator. */
export function randomBytes(length: number): Bytes {
  const bytes = new Uint8Array(length)
  // getRandomValues gives at most 65,536 bytes a call (W3C Web Cryptography §10.1.1).
  for (let at = 0; at < length; at += 65_536) {
    globalThis.crypto.getRandomValues(bytes.subarray(at, at + 65_536))
  }
  return bytes
}

/**
 * Overwrites with zeros what held a secret. Best effort: JavaScript may have copied it before (moving collector,
 * texts, WASM memory), so this shortens how long a secret lies around and promises no more.
 */
export function wipe(bytes: Bytes): void {
  bytes.fill(0)
}

/**
 * Gives memory back at once, not when the collector comes by: long messages make it faster than that. Whoever calls owns
 * the bytes and looks at them no more (they have no length then). A part of a larger memory is left alone.
 */
export function release(bytes: Bytes): void {
  const { buffer } = bytes
  if (buffer instanceof ArrayBuffer && !buffer.detached && bytes.byteLength === buffer.byteLength) buffer.transfer(0)
}

/** Gives a secret to `work`, which keeps no reference to it, and overwrites it then, whatever comes of `work`. */
export function wiping<T>(secret: Bytes, work: (secret: Bytes) => T): T {
  try {
    return work(secret)
  } finally {
    wipe(secret)
  }
}
