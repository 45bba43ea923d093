import { randomInt } from 'node:crypto'
import { equal, lp, toBase64url, utf8 } from '../crypto/bytes.ts'
import { sha256 } from '../crypto/hash.ts'
import { bearerHash } from './bearer.ts'
import { Refusal } from './errors.ts'
import { isTelephone, type Outbox } from './outbox.ts'
import type { Tx } from './store/store.ts'

/** Digits of a one-time password. */
const DIGITS = 8
/** How long it is good, milliseconds. */
export const PASSWORD_LIFE_MS = 5 * 60_000
/** Wrong ones after which it is gone. */
const PASSWORD_TRIES = 5
/** At most so many to one account in `SENDING_WINDOW_MS`: messages must not become a flood, nor a bill. */
const SENDINGS_MAX = 5
const SENDING_WINDOW_MS = 15 * 60_000

/** Who a one-time password is for. */
export interface PasswordSubject {
  readonly purpose: 'sign-in' | 'contact'
  /** Record id, or hash of the activation registration. */
  readonly subject: string
  readonly ins: string | null
  readonly device: string | null
  readonly slot: string | null
  readonly contact: string
}

/** A row as kept. */
export interface PasswordRow extends PasswordSubject {
  readonly tries: number
  readonly expires: number
}

/** One-time passwords: 8 digits, 5 minutes, one use, 5 tries (docs/protocol/sign-in.md). Only their hash is kept. */
export class OneTimePasswords {
  readonly #outbox: Outbox

  constructor({ outbox }: { outbox: Outbox }) {
    this.#outbox = outbox
  }

  /**
   * Makes one for `handle` and puts its message into the outbox; both in the caller's write. Returns the messages'
   * ids, to be delivered once the write is durable; `alsoTo`: a second address that gets it. Throws `Refusal` `sign-in-locked` when too many were sent lately.
   */
  issue(
    tx: Tx,
    { handle, at, alsoTo, ...subject }: PasswordSubject & { handle: string; at: Date; alsoTo?: string | null },
  ): string[] {
    const now = at.getTime()
    tx.run('DELETE FROM one_time_passwords WHERE expires <= @gone', { gone: now - SENDING_WINDOW_MS })
    const lately = tx.all<{ sent: number }>(
      'SELECT sent FROM one_time_passwords WHERE subject = @subject AND sent > @since ORDER BY sent',
      { subject: subject.subject, since: now - SENDING_WINDOW_MS },
    )
    const [oldest] = lately
    if (oldest !== undefined && lately.length >= SENDINGS_MAX) {
      throw new Refusal('sign-in-locked', 'Too many one-time passwords were sent; wait, or use the last one', {
        extra: { retryAt: new Date(oldest.sent + SENDING_WINDOW_MS).toISOString() },
      })
    }
    const password = String(randomInt(10 ** DIGITS)).padStart(DIGITS, '0')
    tx.run(
      `INSERT INTO one_time_passwords
         (handle, purpose, subject, ins, device, slot, contact, code, tries, sent, expires)
       VALUES (@handle, @purpose, @subject, @ins, @device, @slot, @contact, @code, 0, @now, @expires)`,
      {
        ...subject,
        handle: bearerHash(handle),
        code: passwordHash(handle, password),
        now,
        expires: now + PASSWORD_LIFE_MS,
      },
    )
    const recipients = alsoTo == null ? [subject.contact] : [subject.contact, alsoTo]
    return recipients.map(recipient =>
      this.#outbox.enqueue(tx, { recipient, password, expires: now + PASSWORD_LIFE_MS }),
    )
  }

  /** Sends what `issue` put into the outbox; how the first message fared. */
  async deliver(messages: readonly string[]): Promise<'sent' | 'queued'> {
    const [first = 'queued'] = await Promise.all(messages.map(message => this.#outbox.deliver(message)))
    return first
  }

  /**
   * Spends one try. `right` when the password was the one sent; `wrong` otherwise; null when there is none any more
   * (never was, expired, used, out of tries). It must be alone in its write with what follows from it: a try that is
   * undone could be made again.
   */
  spend(
    tx: Tx,
    { handle, purpose, password, at }: { handle: string; purpose: string; password: string; at: Date },
  ): { readonly outcome: 'right' | 'wrong'; readonly row: PasswordRow } | null {
    const key = bearerHash(handle)
    const row = tx.get<PasswordRow & { code: string }>(
      `SELECT purpose, subject, ins, device, slot, contact, code, tries, expires FROM one_time_passwords
       WHERE handle = @key AND purpose = @purpose AND expires > @now AND tries < @tries`,
      { key, purpose, now: at.getTime(), tries: PASSWORD_TRIES },
    )
    if (row === undefined) return null
    tx.run('UPDATE one_time_passwords SET tries = tries + 1 WHERE handle = @key', { key })
    const isRight = equal(utf8(row.code), utf8(passwordHash(handle, password)))
    return { outcome: isRight ? 'right' : 'wrong', row }
  }

  /** Uses it up. The row stays until the sending window has passed, to be counted. */
  use(tx: Tx, handle: string): void {
    tx.run('UPDATE one_time_passwords SET tries = @tries WHERE handle = @key', {
      key: bearerHash(handle),
      tries: PASSWORD_TRIES,
    })
  }
}

/** A one-time password bound to its handle. Guessing it offline is easy for who holds the store, and worthless: 5 minutes. */
function passwordHash(handle: string, password: string): string {
  return toBase64url(sha256(lp('coffre/v1/one-time-password', handle, password)))
}

/** An address as shown to who proved to know the secret code: `j•••@example.org`, `+33•••42`; at most 64 characters. */
export function maskedAddress(address: string): string {
  if (isTelephone(address)) return `${address.slice(0, 3)}•••${address.slice(-2)}`
  const [name = '', domain = ''] = address.split('@')
  return `${name.slice(0, 1)}•••@${domain.slice(0, 48)}`
}
