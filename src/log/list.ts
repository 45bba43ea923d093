import { fromBase64url, lp, toBase64url } from '../crypto/bytes.ts'
import { sha256 } from '../crypto/hash.ts'
import type { DocumentId, Hash } from '../protocol/ids.ts'

/**
 * `ids` of a `document.list` entry: SHA-256(lp("coffre/v1/list", documentId …)), raw ids, in the order returned
 * (docs/protocol/list.md). With it in the entry, what was left out of a list can be shown later.
 */
export function listHash(documentIds: readonly DocumentId[]): Hash {
  return toBase64url(sha256(lp('coffre/v1/list', ...documentIds.map(fromBase64url)))) as Hash
}
