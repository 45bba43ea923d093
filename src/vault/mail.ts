import { createTransport, type Transporter } from 'nodemailer'
import { newBearer } from './bearer.ts'
import { type MailText, type NoticeKind, noticeMail, passwordMail } from './mail-texts.ts'
import type { Store, Tx } from './store/store.ts'

/** How mail leaves the host. */
export interface SmtpOptions {
  readonly host: string
  readonly port: number
  /** Sender's address. */
  readonly from: string
  readonly user?: string
  readonly password?: string
}

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

/** A gateway that does not answer by then counts as down, milliseconds; the person is waiting meanwhile. */
const ATTEMPT_TIMEOUT_MS = 5_000
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

const LOOPBACK = /^(localhost|127(\.\d+){3}|::1|\[::1\])$/

/**
 * Outgoing mail: written to the outbox in the transaction that needs it, then sent; what fails is tried again until it
 * has expired. At least once: after a crash between sending and forgetting, it is sent twice.
 */
export class Mail {
  readonly #store: Store
  readonly #transport: Transporter
  readonly #from: string
  readonly #clock: () => Date
  readonly #onFailure: (code: string) => void
  readonly #sending = new Map<string, Promise<boolean>>()
  readonly #timer: NodeJS.Timeout
  #closed = false

  constructor(options: MailOptions) {
    const { host, port, from, user, password } = options.smtp
    this.#store = options.store
    this.#from = from
    this.#clock = options.clock
    this.#onFailure = options.onFailure ?? (() => {})
    const isLoopback = LOOPBACK.test(host)
    this.#transport = createTransport({
      host,
      port,
      secure: port === 465,
      // Off this machine a one-time password travels enciphered or not at all.
      ignoreTLS: isLoopback,
      requireTLS: !isLoopback && port !== 465,
      ...(user === undefined ? {} : { auth: { user, pass: password ?? '' } }),
      connectionTimeout: ATTEMPT_TIMEOUT_MS,
      greetingTimeout: ATTEMPT_TIMEOUT_MS,
      socketTimeout: ATTEMPT_TIMEOUT_MS,
      disableFileAccess: true,
      disableUrlAccess: true,
    })
    this.#timer = setInterval(() => void this.#retry(), LOOK_EVERY_MS)
    this.#timer.unref()
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
    this.#transport.close()
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
        this.#onFailure('mail-expired')
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
      await this.#transport.sendMail({ from: this.#from, to: row.recipient, ...textOf(row) })
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

/** What outgoing mail needs. `onFailure` is told codes only, never an address or a text. */
export interface MailOptions {
  readonly store: Store
  readonly clock: () => Date
  readonly smtp: SmtpOptions
  readonly onFailure?: (code: string) => void
}

function textOf({ kind, body }: OutboxRow): MailText {
  return kind === 'notice' ? noticeMail(body as NoticeKind) : passwordMail(body)
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'mail-failed'
}
