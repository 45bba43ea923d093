import { lp, randomBytes, toBase64url } from '../crypto/bytes.ts'
import { sha256 } from '../crypto/hash.ts'
import type { Hash, SessionId } from '../protocol/ids.ts'

/** A new handle, ticket or session id: 32 random bytes. Whoever holds it may use it, so it is given out once. */
export function newBearer(): SessionId {
  return toBase64url(randomBytes(32)) as SessionId
}

/** What the store keeps of a bearer: a hash, from which it cannot be had back. */
export function bearerHash(bearer: string): Hash {
  return toBase64url(sha256(lp('coffre/v1/bearer', bearer))) as Hash
}
