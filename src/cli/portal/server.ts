/** A static server for the portal: its files, from memory, and nothing else. */
import { createServer as createPlain, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createSecure } from 'node:https'
import type { AddressInfo } from 'node:net'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { CoffreError } from '../../crypto/errors.ts'
import { headersOf, type PortalBuild, type PortalFile } from './build.ts'

/** How to serve. */
export interface ServeOptions {
  readonly portal: PortalBuild
  readonly origin: string
  readonly listen: { readonly address: string; readonly port: number }
  /** PEM; without it plain HTTP, for loopback or behind a server that speaks TLS. */
  readonly tls?: { readonly certificate: string; readonly key: string }
}

/** A portal that is served. */
export interface RunningPortal {
  readonly port: number
  close(): Promise<void>
}

/** One file; its compressed forms are made when they are first asked for. */
interface Served extends PortalFile {
  readonly encoded: Map<Encoding, Uint8Array> | null
}
type Encoding = 'br' | 'gzip'

/** Text shrinks; what is compressed already (woff2) does not. */
const COMPRESSES = /^text\/|json|svg|font\/ttf/

/** Serves it. Throws `CoffreError` `port-taken`, `listen-failed`. */
export async function servePortal({ portal, origin, listen, tls }: ServeOptions): Promise<RunningPortal> {
  const files = new Map(
    portal.files.map((file): [string, Served] => [
      `/${file.path}`,
      { ...file, encoded: COMPRESSES.test(file.type) ? new Map() : null },
    ]),
  )
  const authority = new URL(origin).host
  const handler = (request: IncomingMessage, response: ServerResponse): void => {
    request.resume() // a body is nobody's business here
    const path = (request.url ?? '/').replace(/\?.*$/s, '')
    for (const [name, value] of Object.entries(headersOf(portal, path.slice(1)))) response.setHeader(name, value)
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD' }).end()
      return
    }
    if (request.headers.host !== authority) {
      // Under another name the pages would not run: the host and the policy know one origin.
      response.writeHead(308, { location: `${origin}/` }).end()
      return
    }
    const file = files.get(path === '/' ? '/index.html' : path)
    if (file === undefined) {
      response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' }).end('Cette page n’existe pas.\n')
      return
    }
    send(request, response, file)
  }
  const limits = { requestTimeout: 30_000, headersTimeout: 20_000, keepAliveTimeout: 10_000, maxHeaderSize: 16 * 1024 }
  const server =
    tls === undefined
      ? createPlain(limits, handler)
      : createSecure({ ...limits, cert: tls.certificate, key: tls.key, minVersion: 'TLSv1.2' }, handler)
  server.maxConnections = 2_000
  await start(server, listen)
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = new Promise<void>(resolve => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    },
  }
}

function send(request: IncomingMessage, response: ServerResponse, file: Served): void {
  const etag = `"${file.integrity}"`
  response.setHeader('content-type', file.type)
  response.setHeader('etag', etag)
  response.setHeader('cache-control', 'no-cache') // asked again each time, sent again only when it changed
  response.setHeader('vary', 'accept-encoding')
  if (request.headers['if-none-match'] === etag) {
    response.writeHead(304).end()
    return
  }
  const accepted = String(request.headers['accept-encoding'] ?? '')
  const encoding = (['br', 'gzip'] as const).find(name => new RegExp(`\\b${name}\\b`).test(accepted))
  let { bytes } = file
  if (file.encoded !== null && encoding !== undefined) {
    bytes = file.encoded.get(encoding) ?? compressed(bytes, encoding)
    file.encoded.set(encoding, bytes)
    response.setHeader('content-encoding', encoding)
  }
  response.writeHead(200, { 'content-length': bytes.length })
  response.end(request.method === 'HEAD' ? undefined : bytes)
}

function compressed(bytes: Uint8Array, encoding: Encoding): Uint8Array {
  if (encoding === 'gzip') return gzipSync(bytes, { level: 9 })
  return brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } })
}

function start(server: Server, { address, port }: ServeOptions['listen']): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', cause => {
      const isTaken = 'code' in cause && cause.code === 'EADDRINUSE'
      const message = isTaken
        ? `Port ${port} on ${address} is taken: stop what listens there, or choose another with --port`
        : `Cannot listen on ${address}:${port}; check --address and --port`
      reject(new CoffreError(message, { code: isTaken ? 'port-taken' : 'listen-failed', cause }))
    })
    server.listen({ host: address, port, exclusive: true }, resolve)
  })
}
