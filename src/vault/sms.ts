import { isIP } from 'node:net'
import smpp, { type Pdu, type Session } from 'smpp'
import { ATTEMPT_TIMEOUT_MS, type Carrier, CarrierError, isLoopback, type OutgoingText } from './carrier.ts'
import { noticeSms, passwordSms } from './sms-texts.ts'

/** How messages to telephones leave the host: an SMPP 3.4 gateway. */
export interface SmppOptions {
  readonly host: string
  readonly port: number
  readonly systemId: string
  readonly password: string
  /** What the telephone shows as sender: letters (at most 11), or a number in international form (`+33…`). */
  readonly from: string
  /** TLS on loopback too; elsewhere it always is. */
  readonly tls?: boolean
  /** PEM of the authority that the gateway's certificate is checked by; the system's authorities unless given. */
  readonly authority?: string | undefined
}

/** A connection that nothing was sent over for so long, milliseconds, is given back. */
const IDLE_MS = 30_000
/** ESME_ROK, SMPP 3.4 §5.1.3. */
const OK = 0
/** Type of number and numbering plan, §5.2.5 and §5.2.6. */
const INTERNATIONAL = { ton: 1, npi: 1 } as const
const ALPHANUMERIC = { ton: 5, npi: 0 } as const

/**
 * SMS over SMPP 3.4, bound as transmitter: it sends, and takes nothing from telephones. One connection serves all
 * messages at once and is made anew when it is lost. The library's error events, missing answers and answers to a closed
 * socket all end the connection: who waits on it learns `sms-…` and tries again.
 */
export class Sms implements Carrier {
  readonly #options: SmppOptions
  #bound: Promise<Session> | null = null
  #idle: NodeJS.Timeout | undefined

  constructor(options: SmppOptions) {
    this.#options = options
  }

  async send(recipient: string, text: OutgoingText, lifeMs: number): Promise<void> {
    const session = await this.#session()
    const { from } = this.#options
    const source = from.startsWith('+') ? INTERNATIONAL : ALPHANUMERIC
    await ask(session, 'submit_sm', {
      source_addr_ton: source.ton,
      source_addr_npi: source.npi,
      source_addr: from.replace('+', ''),
      dest_addr_ton: INTERNATIONAL.ton,
      dest_addr_npi: INTERNATIONAL.npi,
      destination_addr: recipient.replace('+', ''),
      data_coding: 0, // the gateway's default alphabet, GSM 03.38
      validity_period: validity(lifeMs),
      short_message: wordsOf(text),
    })
    clearTimeout(this.#idle)
    this.#idle = setTimeout(() => this.#release(), IDLE_MS).unref()
  }

  close(): void {
    clearTimeout(this.#idle)
    this.#release()
  }

  #session(): Promise<Session> {
    if (this.#bound !== null) return this.#bound
    const bound = bind(this.#options, () => {
      if (this.#bound === bound) this.#bound = null
    })
    this.#bound = bound
    return bound
  }

  #release(): void {
    const bound = this.#bound
    this.#bound = null
    bound?.then(
      session => {
        session.send(new smpp.PDU('unbind'), () => session.destroy())
        setTimeout(() => session.destroy(), ATTEMPT_TIMEOUT_MS).unref()
      },
      () => undefined, // whoever waited for it was told
    )
  }
}

/** Connects and binds. Rejects with `CarrierError`; `onEnd` is told when the connection is no longer of use. */
async function bind(options: SmppOptions, onEnd: () => void): Promise<Session> {
  const { host, port, authority } = options
  const tls = options.tls === true || !isLoopback(host)
  const session = smpp.connect({
    host,
    port,
    tls,
    ...(tls ? { minVersion: 'TLSv1.2', ...(isIP(host) === 0 ? { servername: host } : {}) } : {}),
    ...(authority === undefined ? {} : { ca: authority }),
  })
  session.on('error', () => session.destroy())
  session.on('close', onEnd)
  session.on('enquire_link', (pdu: Pdu) => session.send(pdu.response()))
  session.on('unbind', (pdu: Pdu) => {
    session.send(pdu.response())
    session.destroy()
  })
  try {
    await connected(session, tls)
    await ask(session, 'bind_transmitter', {
      system_id: options.systemId,
      password: options.password,
      interface_version: 0x34,
    })
    return session
  } catch (error) {
    onEnd()
    session.destroy()
    throw error
  }
}

function connected(session: Session, tls: boolean): Promise<void> {
  return bounded(session, resolve => session.once(tls ? 'secureConnect' : 'connect', resolve))
}

/** Sends a command and waits for its answer. Throws `CarrierError` `sms-unreachable`, `smpp-…`. */
async function ask(session: Session, command: string, options: Readonly<Record<string, unknown>>): Promise<void> {
  const answer = await bounded<Pdu>(session, (resolve, lost) => {
    if (!session.send(new smpp.PDU(command, options), resolve)) lost()
  })
  if (answer.command_status === OK) return
  const status = answer.command_status.toString(16).padStart(2, '0')
  throw new CarrierError(`The SMS gateway refused ${command}`, { code: `smpp-${status}` })
}

/** Waits for something on a connection, which ends when it does not come in time. */
function bounded<T>(session: Session, start: (resolve: (value: T) => void, lost: () => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const settle = () => {
      clearTimeout(timer)
      session.off('close', lost)
    }
    const lost = () => {
      settle()
      session.destroy()
      reject(new CarrierError('The SMS gateway does not answer', { code: 'sms-unreachable' }))
    }
    const timer = setTimeout(lost, ATTEMPT_TIMEOUT_MS)
    session.once('close', lost)
    start(value => {
      settle()
      resolve(value)
    }, lost)
  })
}

/** Relative validity, SMPP 3.4 §7.1.1: `YYMMDDhhmmss` and `000R`; a password that comes too late is worth nothing. */
function validity(lifeMs: number): string {
  const seconds = Math.max(1, Math.floor(lifeMs / 1000))
  const [days, hours, minutes] = [
    Math.floor(seconds / 86_400),
    Math.floor(seconds / 3600) % 24,
    Math.floor(seconds / 60) % 60,
  ]
  const two = (part: number) => String(part).padStart(2, '0')
  return `0000${two(days)}${two(hours)}${two(minutes)}${two(seconds % 60)}000R`
}

function wordsOf(text: OutgoingText): string {
  return text.kind === 'notice' ? noticeSms(text.notice) : passwordSms(text.password)
}
