import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { SMTPServer } from 'smtp-server'
import { DevError } from './errors.ts'
import { folder, PRIVATE, put } from './files.ts'

/** A message as it came over SMTP. */
export interface CaughtMail {
  readonly to: readonly string[]
  readonly from: string
  /** The whole message, headers first, as sent. */
  readonly text: string
  readonly receivedAt: Date
}

/** Longest message taken, bytes; what the host sends is a few lines. */
const MAX_BYTES = 256 * 1024

/**
 * Takes every mail that the host of the development world sends, on loopback, and delivers none of it: messages stay in
 * memory and in a folder as `.eml`, where a person reads the one-time password when doing the journey by hand.
 */
export class MailCatcher {
  readonly #server: SMTPServer
  readonly #folder: string
  readonly #mails: CaughtMail[] = []
  readonly #taken = new Set<CaughtMail>()
  #arrived: () => void = () => undefined
  readonly #clock: () => Date

  private constructor(folderPath: string, clock: () => Date) {
    this.#folder = folder(folderPath)
    this.#clock = clock
    this.#server = new SMTPServer({
      name: 'mail.dev.coffre.invalid',
      authOptional: true,
      disabledCommands: ['AUTH', 'STARTTLS'],
      size: MAX_BYTES,
      logger: false,
      onData: (stream, session, done) => {
        const parts: Buffer[] = []
        stream.on('data', (part: Buffer) => parts.push(part))
        stream.on('end', () => {
          if (stream.sizeExceeded) return done(new Error('This message is too long for the mail catcher'))
          const { mailFrom, rcptTo } = session.envelope
          this.#take({
            from: mailFrom === false ? '' : mailFrom.address,
            to: rcptTo.map(({ address }) => address),
            text: Buffer.concat(parts).toString('utf8'),
            receivedAt: this.#clock(),
          })
          done()
        })
      },
    })
  }

  /**
   * Listens on 127.0.0.1; port 0 takes a free one. Throws `DevError` `port-taken`.
   */
  static async start(options: { folder: string; port: number; clock?: () => Date }): Promise<MailCatcher> {
    const catcher = new MailCatcher(options.folder, options.clock ?? (() => new Date()))
    const listening = once(catcher.#server.server, 'listening')
    const failed = new Promise<never>((_, reject) => catcher.#server.once('error', reject))
    catcher.#server.listen(options.port, '127.0.0.1')
    try {
      await Promise.race([listening, failed])
    } catch (cause) {
      throw new DevError(
        `The mail catcher cannot listen on port ${options.port}: is it taken? --mail-port changes it`,
        {
          code: 'port-taken',
          cause,
        },
      )
    }
    // A client that breaks off is the client's trouble, not the world's.
    catcher.#server.on('error', () => undefined)
    return catcher
  }

  /** The port it listens on. */
  get port(): number {
    return (this.#server.server.address() as AddressInfo).port
  }

  /** Every message so far, oldest first. */
  get mails(): readonly CaughtMail[] {
    return this.#mails
  }

  /**
   * The one-time password (8 digits) of the oldest mail to an address that no call took before; waits for one to come.
   * Throws `DevError` `mail-missing` after `timeoutMs`.
   */
  async oneTimePassword(to: string, timeoutMs = 20_000): Promise<string> {
    const deadline = AbortSignal.timeout(timeoutMs)
    for (;;) {
      for (const mail of this.#mails) {
        const code = /(?<!\d)(\d{8}|\d{4} \d{4})(?!\d)/.exec(bodyOf(mail))?.[1]
        if (this.#taken.has(mail) || !mail.to.includes(to) || code === undefined) continue
        this.#taken.add(mail)
        return code.replace(' ', '')
      }
      const next = Promise.withResolvers<void>()
      this.#arrived = next.resolve
      deadline.addEventListener('abort', () => next.resolve(), { once: true })
      if (deadline.aborted) {
        throw new DevError(`No mail with a one-time password came to ${to} within ${timeoutMs / 1000} s`, {
          code: 'mail-missing',
        })
      }
      await next.promise
    }
  }

  async stop(): Promise<void> {
    await new Promise<void>(resolve => this.#server.close(() => resolve()))
  }

  #take(mail: CaughtMail): void {
    this.#mails.push(mail)
    const stamp = mail.receivedAt.toISOString().replaceAll(':', '.')
    put(join(this.#folder, `${stamp}-${String(this.#mails.length).padStart(3, '0')}.eml`), mail.text, PRIVATE)
    this.#arrived()
  }
}

/** What stands below the headers, decoded when it came as quoted-printable or base64. */
function bodyOf({ text }: CaughtMail): string {
  const split = text.indexOf('\r\n\r\n')
  const headers = text.slice(0, split)
  const body = text.slice(split + 4)
  if (/^content-transfer-encoding:\s*base64/im.test(headers)) return Buffer.from(body, 'base64').toString('utf8')
  if (!/^content-transfer-encoding:\s*quoted-printable/im.test(headers)) return body
  const bytes = body
    .replace(/=\r\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1').toString('utf8')
}
