import { createTransport, type Transporter } from 'nodemailer'
import { ATTEMPT_TIMEOUT_MS, type Carrier, isLoopback, type OutgoingText } from './carrier.ts'
import { type MailText, noticeMail, passwordMail } from './mail-texts.ts'

/** How mail leaves the host. */
export interface SmtpOptions {
  readonly host: string
  readonly port: number
  /** Sender's address. */
  readonly from: string
  readonly user?: string
  readonly password?: string
}

/** Mail over SMTP. */
export class Mail implements Carrier {
  readonly #transport: Transporter
  readonly #from: string

  constructor({ host, port, from, user, password }: SmtpOptions) {
    this.#from = from
    this.#transport = createTransport({
      host,
      port,
      secure: port === 465,
      ignoreTLS: isLoopback(host),
      requireTLS: !isLoopback(host) && port !== 465,
      ...(user === undefined ? {} : { auth: { user, pass: password ?? '' } }),
      connectionTimeout: ATTEMPT_TIMEOUT_MS,
      greetingTimeout: ATTEMPT_TIMEOUT_MS,
      socketTimeout: ATTEMPT_TIMEOUT_MS,
      disableFileAccess: true,
      disableUrlAccess: true,
    })
  }

  async send(recipient: string, text: OutgoingText): Promise<void> {
    await this.#transport.sendMail({ from: this.#from, to: recipient, ...wordsOf(text) })
  }

  close(): void {
    this.#transport.close()
  }
}

function wordsOf(text: OutgoingText): MailText {
  return text.kind === 'notice' ? noticeMail(text.notice) : passwordMail(text.password)
}
