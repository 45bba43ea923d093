import { fromBase64url, toBase64url } from '../crypto/bytes.ts'
import { sha256 } from '../crypto/hash.ts'
import type { Hash } from '../protocol/ids.ts'

/** SHA-256 of a binary part (bundle, seal, envelope, manifest), both as base64url. */
export function hashOf(part: string): Hash {
  return toBase64url(sha256(fromBase64url(part))) as Hash
}
