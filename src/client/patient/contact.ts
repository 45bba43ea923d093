import { fromBase64url, randomBytes, toBase64url } from '../../crypto/bytes.ts'
import { type Contact, ContactChallenge, Contact as ContactSchema } from '../../protocol/messages.ts'
import { InputError } from '../errors.ts'
import { contactHash } from '../infos.ts'
import { type Credentials, tellOneTimePassword } from './authenticate.ts'
import type { PatientSession } from './session.ts'

/**
 * Changes where one-time passwords and notices go; the new address is proved by a one-time password of its own. The contact
 * before is told, gets the one-time passwords too for 24 hours, and can take its place back; until those have passed,
 * nothing that decides who gets in is done. Wants a sign-in of the last ten minutes.
 * Throws `HostRefusal` (`sign-in-again`, `contact-new`, `code-refused`), `InputError` `one-time-password-malformed`; as
 * `PatientSession.write`.
 */
export async function changeContact(
  session: PatientSession,
  input: { readonly contact: Contact } & Omit<Credentials, 'secretCode'>,
): Promise<void> {
  const contact = checkedContact(input.contact)
  const { challenge, ...asked } = await session.call({
    method: 'POST',
    path: session.path('/contact/challenge'),
    body: contact,
    answer: ContactChallenge,
  })
  const contactSalt = toBase64url(randomBytes(32))
  const object = { contact: toBase64url(contactHash(fromBase64url(contactSalt), contact)) }
  await tellOneTimePassword(input, asked, code =>
    session.write(
      { method: 'POST', path: session.path('/contact'), body: { contact, contactSalt, challenge, code } },
      { action: 'contact.change', object },
    ),
  )
}

/** A contact as typed; a number may be spaced. Throws `InputError` `contact-malformed`. */
export function checkedContact({ kind, address }: Contact): Contact {
  const typed = kind === 'telephone' ? address.replaceAll(/[\s.()-]/g, '') : address.trim()
  const parsed = ContactSchema.safeParse({ kind, address: typed })
  if (parsed.success) return parsed.data
  throw new InputError(
    kind === 'telephone'
      ? 'Give the number with + and the country: +33 6 12 34 56 78'
      : 'That is not an address that a message can be sent to',
    { code: 'contact-malformed' },
  )
}
