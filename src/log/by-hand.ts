/** An entry as files that anybody checks with `sha256sum` and `openssl` (docs/audit.md, «One entry by hand»). */
import { type Bytes, fromBase64url, fromHex, toBase64, toHex } from '../crypto/bytes.ts'
import type { ParsedEntry } from './entry.ts'

/** RFC 8410 §4: an Ed25519 key as SubjectPublicKeyInfo, but for the point, which follows. */
const SPKI_PREFIX = '302a300506032b6570032100'

/** Contents by file name. `signKey`: the Ed25519 key that the actor's own statement names, base64url; null without one. */
export function filesByHand(
  { link, event, parsed }: ParsedEntry,
  signKey: string | null,
): Readonly<Record<string, string | Bytes>> {
  const { request } = parsed.event
  return {
    link,
    event,
    ...(request !== null && { request: request.base, 'request.sig': fromBase64url(request.signature) }),
    ...(request !== null && signKey !== null && { 'signer.pem': pem(signKey) }),
  }
}

function pem(signKey: string): string {
  const der = fromHex(SPKI_PREFIX + toHex(fromBase64url(signKey)))
  return `-----BEGIN PUBLIC KEY-----\n${toBase64(der)}\n-----END PUBLIC KEY-----\n`
}
