import { CoffreError } from '../crypto/errors.ts'
import type { NoticeKind } from './mail-texts.ts'

/** What a message says; each carrier has its own words for it. */
export type OutgoingText =
  | { readonly kind: 'one-time-password'; readonly password: string }
  | { readonly kind: 'notice'; readonly notice: NoticeKind }

/** How a message leaves the host: one for mail, one for telephones. */
export interface Carrier {
  /**
   * Resolves once the gateway has taken the message; `lifeMs`: how long it is of use. Rejects with an error whose `code`
   * says what went wrong and whose text may repeat the recipient.
   */
  send(recipient: string, text: OutgoingText, lifeMs: number): Promise<void>
  /** Lets go of connections. */
  close(): void
}

/** A message could not go. Codes `sms-…`; a gateway's own refusal is `smpp-` and its status in hexadecimal. */
export class CarrierError extends CoffreError {}

/** A gateway that does not answer by then counts as down, milliseconds; the person is waiting meanwhile. */
export const ATTEMPT_TIMEOUT_MS = 5_000

/** Off this machine a message travels enciphered or not at all. */
export function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d+){3}|::1|\[::1\])$/.test(host)
}
