import { fromBase64url, lp, toBase64url } from '../crypto/bytes.ts'
import { sha256 } from '../crypto/hash.ts'
import type { Hash } from '../protocol/ids.ts'
import type { Contact } from '../protocol/messages.ts'

/** A contact as a statement or an entry names it (docs/protocol/activation.md): salted, so that it cannot be guessed. */
export function contactHash({
  contact,
  contactSalt,
}: {
  readonly contact: Contact
  readonly contactSalt: string
}): Hash {
  const fields = [fromBase64url(contactSalt), contact.kind, contact.address] as const
  return toBase64url(sha256(lp('coffre/v1/contact', ...fields))) as Hash
}
