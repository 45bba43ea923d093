import { hmac } from '@noble/hashes/hmac.js'
import { sha256 as nobleSha256, sha512 as nobleSha512 } from '@noble/hashes/sha2.js'
import { type Bytes, concat, requireWellFormed, toBase64url, utf8, wipe, wiping } from './bytes.ts'
import { CryptoError } from './errors.ts'
import { nodeCrypto } from './platform.ts'

// The only file that imports @noble/hashes: the platform's own functions where it has synchronous ones (Node), noble elsewhere
// (browsers' WebCrypto is asynchronous), and WASM for what is long there: it takes less than half of noble's time. Same bytes either way, checked by the published vectors.

type HashName = 'sha256' | 'sha512'

/** What hashing needs from an engine; there are two, `nativeEngine` and `portableEngine`. */
export interface HashEngine {
  hash(name: HashName, data: Bytes): Bytes
  /** SHA-256, written into `target` from `at` on. */
  hashInto(data: Bytes, target: Bytes, at: number): void
  /** SHA-256 as base64url. */
  hashBase64url(data: Bytes): string
  /** SHA-256 of a well-formed text's UTF-8. */
  hashText(text: string): Bytes
  hmac(name: HashName, key: Bytes, data: Bytes): Bytes
  start(): { update(data: Bytes): void; digest(): Bytes }
}

const plain = (buffer: Bytes): Bytes => new Uint8Array(buffer)

function fromLatin1(text: string): Bytes {
  const bytes = new Uint8Array(text.length)
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i)
  return bytes
}

function makeNativeEngine(): HashEngine | null {
  const native = nodeCrypto('hash', 'createHash', 'createHmac')
  if (native === null) return null
  return {
    // Through a text: creating a Buffer costs more than hashing a short message (0.55 µs this way, 1.3 µs that way).
    hash: (name, data) => fromLatin1(native.hash(name, data, 'latin1')),
    hashInto(data, target, at) {
      const text = native.hash('sha256', data, 'latin1')
      for (let i = 0; i < 32; i++) target[at + i] = text.charCodeAt(i)
    },
    hashBase64url: data => native.hash('sha256', data, 'base64url'),
    hashText: text => fromLatin1(native.hash('sha256', text, 'latin1')),
    hmac: (name, key, data) => plain(native.createHmac(name, key).update(data).digest()),
    start() {
      const state = native.createHash('sha256')
      return {
        update: data => void state.update(data),
        digest: () => plain(state.digest()),
      }
    },
  }
}

/** The platform's engine, `null` where there is none. For tests; elsewhere use the functions below. */
export const nativeEngine: HashEngine | null = makeNativeEngine()

const noble = { sha256: nobleSha256, sha512: nobleSha512 }

/** From this many bytes on WASM is the faster one. */
const LONG = 4096
const wasmSha256 = nativeEngine === null ? (await import('./sha256-wasm.ts')).wasmSha256 : null

function portableHash(name: HashName, data: Bytes): Bytes {
  if (name !== 'sha256' || data.length < LONG || wasmSha256 === null) return noble[name](data)
  return wasmSha256(data)
}

/** The engine for browsers. For tests; elsewhere use the functions below. */
export const portableEngine: HashEngine = {
  hash: portableHash,
  hashInto: (data, target, at) => target.set(portableHash('sha256', data), at),
  hashBase64url: data => toBase64url(portableHash('sha256', data)),
  hashText: text => nobleSha256(utf8(text)),
  hmac: (name, key, data) => hmac(noble[name], key, data),
  start() {
    const state = nobleSha256.create()
    return { update: data => void state.update(data), digest: () => state.digest() }
  },
}

const engine = nativeEngine ?? portableEngine

const joined = (parts: readonly Bytes[]): Bytes => (parts.length === 1 ? (parts[0] as Bytes) : concat(...parts))

/** SHA-256 (FIPS 180-4) of the parts, joined without separators: what is hashed for a protocol goes through `lp`. */
export function sha256(...parts: readonly Bytes[]): Bytes {
  return engine.hash('sha256', joined(parts))
}

/** SHA-256 of bytes, its 32 written into `target` from `at` on: a log takes millions, and arrays cost more than they. */
export function sha256Into(data: Bytes, target: Bytes, at: number): void {
  engine.hashInto(data, target, at)
}

/** SHA-256 of bytes as `toBase64url` writes it. */
export function sha256Base64url(data: Bytes): string {
  return engine.hashBase64url(data)
}

/** Whether `sha256Aside` works beside this thread: in browsers, in secure contexts. */
export const hashesAside = nativeEngine === null && globalThis.crypto.subtle !== undefined
let areAside = 0

/**
 * SHA-256 of bytes, which must not change before it is there. For long ones, one after the other: by WebCrypto, beside this
 * thread, where nothing faster is at hand, and on this thread while WebCrypto is still at another: some browsers' is no
 * faster than WASM, and so neither waits for the other.
 */
export async function sha256Aside(data: Bytes): Promise<Bytes> {
  if (!hashesAside || areAside > 0) return sha256(data)
  areAside++
  try {
    return new Uint8Array(await globalThis.crypto.subtle.digest('SHA-256', data as Uint8Array<ArrayBuffer>))
  } finally {
    areAside--
  }
}

/** SHA-256 of a text's UTF-8, without its bytes in between. Throws `CryptoError` `text-malformed` as `utf8` does. */
export function sha256Text(text: string): Bytes {
  requireWellFormed(text)
  return engine.hashText(text)
}

/** SHA-512 (FIPS 180-4) of the parts, joined without separators. */
export function sha512(...parts: readonly Bytes[]): Bytes {
  return engine.hash('sha512', joined(parts))
}

/** SHA-256 fed piece by piece. `digest` once; after it the object is spent (the engine throws). */
export class Sha256 {
  readonly #state = engine.start()

  update(data: Bytes): this {
    this.#state.update(data)
    return this
  }

  digest(): Bytes {
    return this.#state.digest()
  }
}

/** HMAC-SHA-256 (RFC 2104), 32 bytes. */
export function hmacSha256(key: Bytes, data: Bytes): Bytes {
  return engine.hmac('sha256', key, data)
}

/** HMAC-SHA-512 (RFC 2104), 64 bytes. */
function hmacSha512(key: Bytes, data: Bytes): Bytes {
  return engine.hmac('sha512', key, data)
}

/** Input of HKDF; `length` in bytes, at most 255 times the hash's length. An empty salt is the RFC's default salt. */
export interface HkdfInput {
  readonly ikm: Bytes
  readonly salt: Bytes
  readonly info: Bytes
  readonly length: number
}

/** HKDF-SHA256, extract then expand (RFC 5869 §2). Throws `CryptoError` `hkdf-length` when too much is asked. */
export function hkdfSha256({ ikm, salt, info, length }: HkdfInput): Bytes {
  return wiping(hkdfExtractSha256(salt, ikm), prk => hkdfExpandSha256({ prk, info, length }))
}

/** HKDF-SHA512, extract then expand (RFC 5869 §2). Throws `CryptoError` `hkdf-length`. */
export function hkdfSha512({ ikm, salt, info, length }: HkdfInput): Bytes {
  return wiping(hmacSha512(salt, ikm), prk => hkdfExpandSha512({ prk, info, length }))
}

/** HKDF-Extract with SHA-256 (RFC 5869 §2.2); an empty salt equals 32 zero bytes, as HMAC pads keys with zeros. */
export function hkdfExtractSha256(salt: Bytes, ikm: Bytes): Bytes {
  return hmacSha256(salt, ikm)
}

/** Input of HKDF-Expand; `prk` a uniformly random key. */
export interface HkdfExpandInput {
  readonly prk: Bytes
  readonly info: Bytes
  readonly length: number
}

/** HKDF-Expand with SHA-256 (RFC 5869 §2.3). Throws `CryptoError` `hkdf-length`. */
export function hkdfExpandSha256(input: HkdfExpandInput): Bytes {
  return expand('sha256', 32, input)
}

/** HKDF-Expand with SHA-512 (RFC 5869 §2.3). Throws `CryptoError` `hkdf-length`. */
export function hkdfExpandSha512(input: HkdfExpandInput): Bytes {
  return expand('sha512', 64, input)
}

// Written here and not taken from the platform: node's own has no expand alone and refuses an `info` above 1,024 bytes,
// and a seal's info holds an X-Wing public key of 1,216.
function expand(name: HashName, hashLength: number, { prk, info, length }: HkdfExpandInput): Bytes {
  if (!Number.isInteger(length) || length < 0 || length > 255 * hashLength) {
    throw new CryptoError(`HKDF gives 0 to ${255 * hashLength} bytes, ${length} were asked`, {
      code: 'hkdf-length',
    })
  }
  const output = new Uint8Array(length)
  let block: Bytes = new Uint8Array(0)
  for (let counter = 1, at = 0; at < length; counter++, at += hashLength) {
    const input = concat(block, info, Uint8Array.of(counter))
    wipe(block)
    block = engine.hmac(name, prk, input)
    wipe(input)
    output.set(block.subarray(0, Math.min(hashLength, length - at)), at)
  }
  wipe(block)
  return output
}
