import { constants } from 'node:crypto'
import type { RequestListener } from 'node:http'
import { createServer, type Server, type ServerOptions } from 'node:https'
import { type AddressInfo, createServer as createProbe, type Server as Probe } from 'node:net'
import type { SecureContextOptions } from 'node:tls'
import { CoffreError } from '../crypto/errors.ts'
import type { Anchors } from '../protocol/anchors.ts'
import { makeApps } from './app.ts'
import type { Context, ListenerName } from './context.ts'
import { CONNECTION_LIMITS } from './limits.ts'

/** Server certificate of the host, PEM: certificate and chain, private key. */
export interface ServerTls {
  readonly certificate: string
  readonly key: string
}

/** What a listener shows, and whose cards it asks for. */
export interface ListenerTrust {
  readonly tls: ServerTls
  readonly anchors: Pick<Anchors, 'cardAuthorities'>
}

/** Where to listen. Port 0 takes a free one. */
export interface ListenOptions {
  readonly address: string
  readonly patients: number
  readonly professionals: number
  /** Whether other threads listen on the same ports; the system shares connections out among them. */
  readonly isShared?: boolean
}

/** The open listeners. */
export interface Listeners {
  readonly ports: Readonly<Record<ListenerName, number>>
  /** Shows another certificate, asks for cards of other authorities, from the next handshake on; open connections stay. */
  renew(trust: ListenerTrust): void
  /** Takes no new connection, lets what was accepted finish (at most `graceMs` milliseconds), then closes. */
  close(graceMs?: number): Promise<void>
}

/** Milliseconds that running requests get when the host stops. */
const GRACE_MS = 8_000

/**
 * Opens both HTTPS listeners, TLS 1.3 only. The professionals' one asks for a card and refuses the handshake without;
 * revocation and the deployment's clock are looked at per request (`cards.ts`).
 * Throws `CoffreError` `port-taken`, `port-forbidden`, `listen-failed`; then none of the two is open.
 */
export async function openListeners(
  context: Context,
  { tls, listen }: { tls: ServerTls; listen: ListenOptions },
): Promise<Listeners> {
  const apps = makeApps(context)
  const patients = makeListener(context, { tls, listener: 'patients', app: apps.patients })
  const professionals = makeListener(context, { tls, listener: 'professionals', app: apps.professionals })
  const { address } = listen
  try {
    const { isShared = false } = listen
    await start(patients, { address, isShared, port: listen.patients, name: 'patients' })
    await start(professionals, { address, isShared, port: listen.professionals, name: 'professionals' })
  } catch (error) {
    patients.close()
    throw error
  }
  return {
    ports: { patients: portOf(patients), professionals: portOf(professionals) },
    renew(trust) {
      patients.setSecureContext(secureOptions('patients', trust))
      professionals.setSecureContext(secureOptions('professionals', trust))
    },
    async close(graceMs = GRACE_MS) {
      await Promise.all([stop(patients, graceMs), stop(professionals, graceMs)])
    },
  }
}

/** Throws as `openListeners` when a port cannot be had now; opens nothing. */
export async function requireFreePorts({ address, patients, professionals }: ListenOptions): Promise<void> {
  for (const [name, port] of [
    ['patients', patients],
    ['professionals', professionals],
  ] as const) {
    const probe = createProbe()
    await start(probe, { address, port, name })
    await new Promise(resolve => probe.close(resolve))
  }
}

function makeListener(
  context: Context,
  { tls, listener, app }: { tls: ServerTls; listener: ListenerName; app: RequestListener },
): Server {
  const { log } = context
  const limits = CONNECTION_LIMITS
  const serverOptions: ServerOptions = {
    ...secureOptions(listener, { tls, anchors: context.anchors }),
    ALPNProtocols: ['http/1.1'],
    handshakeTimeout: limits.handshakeTimeoutMs,
    maxHeaderSize: limits.maxHeaderBytes,
    requestTimeout: limits.requestTimeoutMs,
    headersTimeout: limits.headersTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    connectionsCheckingInterval: 5_000,
    rejectNonStandardBodyWrites: true,
    requireHostHeader: true,
    ...(listener === 'professionals' ? { requestCert: true, rejectUnauthorized: true } : {}),
  }
  const server = createServer(serverOptions, app)
  server.maxConnections = limits.maxConnections
  server.maxRequestsPerSocket = limits.maxRequestsPerSocket
  server.setTimeout(limits.idleTimeoutMs)
  // Refused handshakes are the other side's doing: a code, no stack, nothing that they sent.
  server.on('tlsClientError', error => log.debug({ code: codeOf(error) }, 'handshake refused'))
  server.on('clientError', (error, socket) => {
    log.debug({ code: codeOf(error) }, 'unreadable request')
    // A connection on which no request came in time, or not all of one: the next may try again (RFC 9110 §15.5.9).
    const status = codeOf(error) === 'ERR_HTTP_REQUEST_TIMEOUT' ? '408 Request Timeout' : '400 Bad Request'
    if (socket.writable) socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`)
    else socket.destroy()
  })
  return server
}

/** What a handshake goes by. */
function secureOptions(listener: ListenerName, { tls, anchors }: ListenerTrust): SecureContextOptions {
  return {
    cert: tls.certificate,
    key: tls.key,
    minVersion: 'TLSv1.3',
    maxVersion: 'TLSv1.3',
    ...(listener === 'professionals'
      ? {
          ca: [...anchors.cardAuthorities],
          // A resumed connection would show the card's certificate without its chain.
          secureOptions: constants.SSL_OP_NO_TICKET,
        }
      : {}),
  }
}

function start(
  server: Pick<Probe, 'once' | 'off' | 'listen'>,
  where: { address: string; port: number; name: ListenerName; isShared?: boolean },
): Promise<void> {
  return new Promise((resolve, reject) => {
    const refuse = (cause: Error) => reject(listenError(cause, where))
    server.once('error', refuse)
    const { address: host, port, isShared = false } = where
    server.listen({ host, port, exclusive: true, reusePort: isShared }, () => {
      server.off('error', refuse)
      resolve()
    })
  })
}

function listenError(cause: Error, where: { address: string; port: number; name: ListenerName }): CoffreError {
  const { address, port, name } = where
  switch (codeOf(cause)) {
    case 'EADDRINUSE':
      return new CoffreError(
        `Port ${port} on ${address} (${name}) is taken: stop the program that holds it, or choose another with --${name}-port`,
        { code: 'port-taken', cause },
      )
    case 'EACCES':
      return new CoffreError(
        `Port ${port} (${name}) needs rights that this user does not have; choose one above 1023`,
        {
          code: 'port-forbidden',
          cause,
        },
      )
    default:
      return new CoffreError(`Cannot listen on ${address}:${port} (${codeOf(cause)}); check the address`, {
        code: 'listen-failed',
        cause,
      })
  }
}

async function stop(server: Server, graceMs: number): Promise<void> {
  const closed = new Promise<void>(resolve => server.close(() => resolve()))
  server.closeIdleConnections()
  const patience = setTimeout(() => server.closeAllConnections(), graceMs)
  // Connections that become idle while we wait would otherwise stay open for their keep-alive.
  const sweep = setInterval(() => server.closeIdleConnections(), 100)
  await closed
  clearTimeout(patience)
  clearInterval(sweep)
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown'
}
