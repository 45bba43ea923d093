import { newBearer } from './bearer.ts'
import { ATTEMPT_TIMEOUT_MS, type Carrier, CarrierError, type OutgoingText } from './carrier.ts'
import type { NoticeKind } from './mail-texts.ts'
import type { Store, Tx } from './store/store.ts'

/** Something happened that a patient is told of; what it was is never in the mail. Times in POSIX milliseconds. */
export interface OutgoingNotice {
  readonly recipient: string
  readonly kind: NoticeKind
  /** When it is to leave. */
  readonly due: number
}

/** A one-time password on its way. Times in POSIX milliseconds. */
export interface OutgoingPassword {
  readonly recipient: string
  readonly password: string
  readonly expires: number
}

interface OutboxRow {
  readonly message: string
  readonly kind: string
  readonly recipient: string
  readonly body: string
  readonly attempts: number
  readonly expires: number
}

/** Waits between attempts, milliseconds; the last repeats. */
const BACKOFF_MS = [2_000, 5_000, 10_000, 20_000, 30_000] as const
/** The same for a notice, for which nobody waits. */
const NOTICE_BACKOFF_MS = [10_000, 60_000, 5 * 60_000, 30 * 60_000] as const
/** A notice that could not be sent for so long, milliseconds, is given up: the trace has it all the same. */
const NOTICE_LIFE_MS = 72 * 60 * 60_000
/** How often the outbox is looked at, milliseconds. */
const LOOK_EVERY_MS = 1_000
/** Messages tried in one look. */
const BATCH = 50

/**
 * Outgoing messages: written to the outbox in the transaction that needs them, then sent by mail or to a telephone; what
 * fails is tried again until it has expired. At least once: after a crash between sending and forgetting, it is sent twice.
 */
export class Outbox {
  readonly #store: Store
  readonly #mail: Carrier
  readonly #telephone: Carrier | null
  readonly #clock: () => Date
  readonly #onFailure: (code: string) => void
  readonly #sending = new Map<string, Promise<boolean>>()
  readonly #timer: NodeJS.Timeout
  #closed = false

  constructor(options: OutboxOptions) {
    this.#store = options.store
    this.#mail = options.mail
    this.#telephone = options.telephone
    this.#clock = options.clock
    this.#onFailure = options.onFailure ?? (() => {})
    this.#timer = setInterval(() => void this.#retry(), LOOK_EVERY_MS)
    this.#timer.unref()
  }

  /** Whether this host can send to an address of that kind. */
  reaches(recipient: string): boolean {
    return !isTelephone(recipient) || this.#telephone !== null
  }

  /** Puts a message into the outbox, inside a write; returns its id for `deliver`. */
  enqueue(tx: Tx, { recipient, password, expires }: OutgoingPassword): string {
    const message = newBearer()
    const now = this.#clock().getTime()
    tx.run(
      `INSERT INTO outbox (message, kind, recipient, body, attempts, next_attempt, expires)
       VALUES (@message, 'one-time-password', @recipient, @password, 0, @next, @expires)`,
      // The first attempt is `deliver`'s; the timer takes over when that did not come to an end.
      { message, recipient, password, next: now + 2 * ATTEMPT_TIMEOUT_MS, expires },
    )
    return message
  }

  /** Puts a notice into the outbox, inside a write; it leaves by itself once it is due. Returns its id. */
  enqueueNotice(tx: Tx, { recipient, kind, due }: OutgoingNotice): string {
    const message = newBearer()
    tx.run(
      `INSERT INTO outbox (message, kind, recipient, body, attempts, next_attempt, expires)
       VALUES (@message, 'notice', @recipient, @kind, 0, @due, @expires)`,
      { message, recipient, kind, due, expires: due + NOTICE_LIFE_MS },
    )
    return message
  }

  /** Tries to send a message of the outbox now; `queued` when it could not go and will be tried again. */
  async deliver(message: string): Promise<'sent' | 'queued'> {
    return (await this.#attempt(message)) ? 'sent' : 'queued'
  }

  /** Waits for what is being sent; what is left in the outbox goes at the next start. */
  async close(): Promise<void> {
    this.#closed = true
    clearInterval(this.#timer)
    await Promise.allSettled(this.#sending.values())
    this.#mail.close()
    this.#telephone?.close()
  }

  async #retry(): Promise<void> {
    if (this.#closed) return
    try {
      const now = this.#clock().getTime()
      const due = this.#store.read.all<{ message: string; expires: number }>(
        // One-time passwords first: somebody waits for them.
        'SELECT message, expires FROM outbox WHERE next_attempt <= @now ORDER BY kind DESC, next_attempt LIMIT @batch',
        { now, batch: BATCH },
      )
      const worthless = due.filter(({ expires }) => expires <= now)
      if (worthless.length > 0) {
        this.#onFailure('message-expired')
        await this.#store.write(tx => tx.run('DELETE FROM outbox WHERE expires <= @now', { now }))
      }
      await Promise.all(due.filter(({ expires }) => expires > now).map(({ message }) => this.#attempt(message)))
    } catch (error) {
      // The store does not answer now: the outbox stays as it is, and the next look finds it.
      this.#onFailure(codeOf(error))
    }
  }

  #attempt(message: string): Promise<boolean> {
    const running = this.#sending.get(message)
    if (running !== undefined) return running
    const attempt = this.#send(message).finally(() => this.#sending.delete(message))
    this.#sending.set(message, attempt)
    return attempt
  }

  async #send(message: string): Promise<boolean> {
    const row = this.#store.read.get<OutboxRow>(
      'SELECT message, kind, recipient, body, attempts, expires FROM outbox WHERE message = @message',
      { message },
    )
    if (row === undefined) return true
    try {
      const carrier = isTelephone(row.recipient) ? this.#telephone : this.#mail
      if (carrier === null) throw new CarrierError('This host has no SMS gateway', { code: 'sms-not-configured' })
      await carrier.send(row.recipient, textOf(row), row.expires - this.#clock().getTime())
    } catch (error) {
      // The error's text may repeat the address; its code does not.
      this.#onFailure(codeOf(error))
      const waits = row.kind === 'notice' ? NOTICE_BACKOFF_MS : BACKOFF_MS
      const next = this.#clock().getTime() + (waits[Math.min(row.attempts, waits.length - 1)] ?? 0)
      await this.#store.write(tx =>
        tx.run('UPDATE outbox SET attempts = attempts + 1, next_attempt = @next WHERE message = @message', {
          message,
          next,
        }),
      )
      return false
    }
    await this.#store.write(tx => tx.run('DELETE FROM outbox WHERE message = @message', { message }))
    return true
  }
}

/** What the outbox needs. `onFailure` is told codes only, never an address or a text. */
export interface OutboxOptions {
  readonly store: Store
  readonly clock: () => Date
  readonly mail: Carrier
  /** Null where the host has no SMS gateway. */
  readonly telephone: Carrier | null
  readonly onFailure?: (code: string) => void
}

/** An address says itself what it is: every mail address has an @, no number has one (protocol/messages `Contact`). */
export function isTelephone(address: string): boolean {
  return !address.includes('@')
}

function textOf({ kind, body }: OutboxRow): OutgoingText {
  return kind === 'notice' ? { kind, notice: body as NoticeKind } : { kind: 'one-time-password', password: body }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'message-failed'
}
