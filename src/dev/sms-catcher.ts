import { once } from 'node:events'
import type { AddressInfo, Server, Socket } from 'node:net'
import { join } from 'node:path'
import smpp, { type Pdu, type Session } from 'smpp'
import { DevError } from './errors.ts'
import { folder, PRIVATE, put } from './files.ts'

/** A message as it came over SMPP. */
export interface CaughtSms {
  /** International form, with its `+`. */
  readonly to: string
  readonly from: string
  readonly text: string
  /** Until when the gateway should try, as the library reads it. */
  readonly validity: Date | null
}

/** ESME_RBINDFAIL and ESME_RINVBNDSTS, SMPP 3.4 §5.1.3. */
const BIND_FAILED = 0x0d
const NOT_BOUND = 0x04

/**
 * Takes every SMS that the host of the development world sends, on loopback, by SMPP 3.4, and delivers none: messages stay
 * in memory and in a folder as text, where a person reads the one-time password.
 */
export class SmsCatcher {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #password: string
  readonly #folder: string
  readonly #taken = new Set<CaughtSms>()
  #arrived: () => void = () => undefined
  /** Every message so far, oldest first. */
  readonly messages: CaughtSms[] = []
  /** What it answers to a message instead of taking it; a gateway's status. */
  refusing: number | null = null

  private constructor(options: SmsCatcherOptions) {
    this.#folder = folder(options.folder)
    this.#password = options.password
    this.#server = smpp.createServer(options.tls ?? {}, session => this.#serve(session))
  }

  /** Listens on 127.0.0.1; port 0 takes a free one. Throws `DevError` `port-taken`. */
  static async start(options: SmsCatcherOptions): Promise<SmsCatcher> {
    const catcher = new SmsCatcher(options)
    catcher.#server.listen(options.port, '127.0.0.1')
    try {
      await once(catcher.#server, 'listening')
    } catch (cause) {
      throw new DevError(`The SMS catcher cannot listen on port ${options.port}: is it taken? --sms-port changes it`, {
        code: 'port-taken',
        cause,
      })
    }
    return catcher
  }

  /** The port it listens on. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /**
   * The one-time password of the oldest message to a number that no call took before; waits for one to come.
   * Throws `DevError` `sms-missing` after `timeoutMs`.
   */
  async oneTimePassword(to: string, timeoutMs = 20_000): Promise<string> {
    const deadline = AbortSignal.timeout(timeoutMs)
    for (;;) {
      const next = Promise.withResolvers<void>()
      this.#arrived = next.resolve
      for (const message of this.messages) {
        const code = /(?<!\d)\d{8}(?!\d)/.exec(message.text)?.[0]
        if (this.#taken.has(message) || message.to !== to || code === undefined) continue
        this.#taken.add(message)
        return code
      }
      deadline.addEventListener('abort', () => next.resolve(), { once: true })
      if (deadline.aborted) {
        throw new DevError(`No SMS with a one-time password came to ${to} within ${timeoutMs / 1000} s`, {
          code: 'sms-missing',
        })
      }
      await next.promise
    }
  }

  /** Cuts every connection, as a gateway that restarts does. */
  drop(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  async stop(): Promise<void> {
    const closed = new Promise<void>(resolve => this.#server.close(() => resolve()))
    this.drop()
    await closed
  }

  #serve(session: Session): void {
    let isBound = false
    this.#sockets.add(session.socket)
    session.on('close', () => this.#sockets.delete(session.socket))
    session.on('error', () => session.destroy())
    session.on('bind_transmitter', (pdu: Pdu) => {
      isBound = pdu.password === this.#password
      session.send(pdu.response(isBound ? { system_id: 'catcher' } : { command_status: BIND_FAILED }))
    })
    session.on('unbind', (pdu: Pdu) => session.send(pdu.response()))
    session.on('submit_sm', (pdu: Pdu) => {
      const status = isBound ? this.refusing : NOT_BOUND
      if (status === null) this.#take(pdu)
      session.send(
        pdu.response(status === null ? { message_id: String(this.messages.length) } : { command_status: status }),
      )
    })
  }

  #take(pdu: Pdu): void {
    const message = {
      to: `+${pdu.destination_addr ?? ''}`,
      from: pdu.source_addr ?? '',
      text: pdu.short_message?.message ?? '',
      validity: pdu.validity_period instanceof Date ? pdu.validity_period : null,
    }
    this.messages.push(message)
    const name = `${new Date().toISOString().replaceAll(':', '.')}-${String(this.messages.length).padStart(3, '0')}.txt`
    put(join(this.#folder, name), `To: ${message.to}\nFrom: ${message.from}\n\n${message.text}\n`, PRIVATE)
    this.#arrived()
  }
}

export interface SmsCatcherOptions {
  readonly folder: string
  readonly port: number
  /** The one that gateways give their customers. */
  readonly password: string
  /** PEM; plain TCP unless given. */
  readonly tls?: { readonly cert: string; readonly key: string }
}
