/**
 * The limit that bodies are measured against: the runtime's ChaCha20-Poly1305 over chunks of 16 KiB and its SHA-256 over
 * the same bytes, one after the other, keeping nothing and checking nothing but the tags.
 */
import { createCipheriv, createDecipheriv, createHash } from 'node:crypto'
import { release } from '../../src/crypto/bytes.ts'
import { CHUNK_LENGTH } from '../../src/crypto/chunks.ts'

const key = new Uint8Array(32)
const nonce = new Uint8Array(12)
const options = { authTagLength: 16 } as const
const TAG = 16
const SEALED = CHUNK_LENGTH + TAG

/** How the arrays that the cipher makes are left: to the collector unless given, or given back at once, which is faster. */
export interface RawOptions {
  readonly released?: boolean
}

/** Seals and hashes what comes in, piece by piece. */
export function sealRaw(pieces: Iterable<Uint8Array>, { released = false }: RawOptions = {}): void {
  const hash = createHash('sha256')
  for (const piece of pieces) {
    for (let at = 0; at < piece.length; at += CHUNK_LENGTH) {
      const cipher = createCipheriv('chacha20-poly1305', key, nonce, options)
      const sealed = cipher.update(piece.subarray(at, at + CHUNK_LENGTH))
      cipher.final()
      cipher.getAuthTag()
      if (released) release(sealed)
    }
    hash.update(piece)
  }
  hash.digest()
}

/** Hashes and opens chunks laid out as in a body (`sealed ‖ tag` each) until `length` bytes of plaintext came of them. */
export function openRaw(chunks: Uint8Array, length: number, { released = false }: RawOptions = {}): void {
  const hash = createHash('sha256')
  for (let done = 0; done < length; ) {
    hash.update(chunks)
    for (let at = 0; at < chunks.length && done < length; at += SEALED) {
      const sealed = chunks.subarray(at, at + SEALED)
      const decipher = createDecipheriv('chacha20-poly1305', key, nonce, options)
      decipher.setAuthTag(sealed.subarray(-TAG))
      const opened = decipher.update(sealed.subarray(0, -TAG))
      decipher.final()
      done += opened.length
      if (released) release(opened)
    }
  }
  hash.digest()
}

/** Sealed chunks, as `openRaw` takes them, of `length` bytes of plaintext: whole chunks, or one shorter. */
export function rawChunks(length: number): Uint8Array {
  const plaintext = new Uint8Array(Math.min(length, CHUNK_LENGTH))
  const cipher = createCipheriv('chacha20-poly1305', key, nonce, options)
  const sealed = Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()])
  return Buffer.concat(Array.from({ length: Math.max(1, Math.floor(length / CHUNK_LENGTH)) }, () => sealed))
}
