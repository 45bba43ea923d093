/** Sends syslog messages: over TLS (RFC 5425), TCP with octet counting (RFC 6587) or UDP (RFC 5426). */
import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { CoffreError } from '../../crypto/errors.ts'
import { octetCounted } from '../../log/events/syslog.ts'
import { UsageError } from '../command.ts'

/** The ports that the RFCs name. */
const PORTS = { 'tls:': 6514, 'tcp:': 601, 'udp:': 514 } as const
/** Milliseconds that a collector may take to answer or to take what it is given. */
const TIMEOUT_MS = 20_000
/** What fits into one datagram over IPv4. */
const MOST_DATAGRAM = 65_507

/** The collector cannot be reached, or stopped taking messages; `syslog-unreachable`. */
class SyslogError extends CoffreError {
  constructor(collector: string, why: string, cause?: unknown) {
    super(`${collector}: ${why}`, { code: 'syslog-unreachable', cause })
  }
}

export interface SyslogSender {
  /** Resolves when the message was handed to the network, and waits while that is full. Throws `SyslogError`. */
  send(message: Uint8Array): Promise<void>
  /** Resolves when all was handed over. Throws `SyslogError`. */
  close(): Promise<void>
}

/** Where to, and for TLS with what. */
export interface Collector {
  /** `tls://host:port`, `tcp://…` or `udp://…`; the port may be left out. */
  readonly url: string
  /** PEM: authorities of the collector's certificate; those of the platform unless given. */
  readonly authority?: string
  /** PEM: own certificate and key, for a collector that asks for one. */
  readonly certificate?: string
  readonly key?: string
}

/** Connects. Throws `UsageError` for what is no collector, `SyslogError`. */
export async function connectSyslog(collector: Collector): Promise<SyslogSender> {
  const url = URL.parse(collector.url)
  const port = url === null ? undefined : PORTS[url.protocol as keyof typeof PORTS]
  if (url === null || port === undefined || url.hostname === '' || !/^\/?$/.test(url.pathname)) {
    throw new UsageError(`${collector.url} is no collector: give tls://host:port, tcp://host:port or udp://host:port`)
  }
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  const at = { host, port: url.port === '' ? port : Number(url.port) }
  if (url.protocol === 'udp:') return new Datagrams(collector.url, at)
  const { authority: ca, certificate: cert, key } = collector
  const secure = {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
  }
  // An address is no name to ask a server for; its certificate is checked for it all the same.
  const named = isIP(host) === 0 ? { servername: host } : {}
  const socket =
    url.protocol === 'tcp:' ? connect(at) : connectTls({ ...at, ...named, minVersion: 'TLSv1.2', ...secure })
  const stream = new Stream(collector.url, socket)
  await stream.ready(url.protocol === 'tcp:' ? 'connect' : 'secureConnect')
  return stream
}

class Stream implements SyslogSender {
  readonly #collector: string
  readonly #socket: Socket
  #failed: Error | null = null

  constructor(collector: string, socket: Socket) {
    this.#collector = collector
    this.#socket = socket
    socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error('no answer in time')))
    socket.on('error', error => {
      this.#failed = error
    })
    socket.on('close', () => {
      this.#failed ??= new Error('the collector closed the connection')
    })
    socket.resume() // a collector says nothing; what it says all the same is let go
  }

  async ready(event: 'connect' | 'secureConnect'): Promise<void> {
    await this.#until(event)
  }

  async send(message: Uint8Array): Promise<void> {
    if (this.#failed !== null) throw this.#error()
    if (!this.#socket.write(octetCounted(message))) await this.#until('drain')
  }

  async close(): Promise<void> {
    if (this.#failed !== null) throw this.#error()
    const closed = once(this.#socket, 'close')
    this.#socket.end()
    // Until the other side has taken all and closes as well, or keeps us waiting (then the timeout ends it).
    await closed.catch(() => {})
    // One that breaks the connection off may have let go of what was already on its way.
    if (this.#socket.errored !== null || !this.#socket.writableFinished) throw this.#error()
  }

  async #until(event: string): Promise<void> {
    try {
      await Promise.race([
        once(this.#socket, event),
        once(this.#socket, 'close').then(() => Promise.reject(this.#error())),
      ])
    } catch (cause) {
      if (SyslogError.is(cause)) throw cause
      this.#failed = cause as Error
      throw this.#error()
    }
  }

  #error(): SyslogError {
    return new SyslogError(this.#collector, this.#failed?.message ?? 'closed', this.#failed)
  }
}

class Datagrams implements SyslogSender {
  readonly #collector: string
  readonly #at: { readonly host: string; readonly port: number }
  readonly #socket: UdpSocket

  constructor(collector: string, at: { readonly host: string; readonly port: number }) {
    this.#collector = collector
    this.#at = at
    this.#socket = createSocket(at.host.includes(':') ? 'udp6' : 'udp4')
  }

  send(message: Uint8Array): Promise<void> {
    if (message.length > MOST_DATAGRAM) {
      throw new SyslogError(this.#collector, 'a message does not fit into a datagram; send over tls:// or tcp://')
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#socket.send(message, this.#at.port, this.#at.host, error =>
      error === null ? resolve() : reject(new SyslogError(this.#collector, error.message, error)),
    )
    return promise
  }

  async close(): Promise<void> {
    this.#socket.close()
  }
}
