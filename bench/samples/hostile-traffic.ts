/** Connections that do what no client of ours does: slow heads, slow bodies, heads and bodies too large, no HTTP at all. */
import { randomBytes } from 'node:crypto'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'

/** How many of each kind are kept open, each opened again when the host closes it. */
const EACH = 24
/** Milliseconds between two bytes of a slow one, and between two tries of a quick one. */
const PAUSE = 250

const head = (host: string) => `GET /v1/health HTTP/1.1\r\nhost: ${host}\r\n`

/** What a kind sends, piece by piece, with a pause after each. */
const KINDS: readonly ((host: string) => Generator<string | Uint8Array>)[] = [
  // One header after the other, never the last.
  function* slowHead(host) {
    yield head(host)
    for (let i = 0; ; i++) yield `x-${i}: ${i}\r\n`
  },
  // A body that was announced and comes byte by byte.
  function* slowBody(host) {
    yield `POST /v1/sign-in/start HTTP/1.1\r\nhost: ${host}\r\ncontent-length: 60000\r\n\r\n`
    for (;;) yield 'x'
  },
  // A head of a megabyte.
  function* largeHead(host) {
    yield head(host)
    yield `x: ${'y'.repeat(1 << 20)}\r\n\r\n`
  },
  // A body that is far too large, all at once.
  function* largeBody(host) {
    yield `POST /v1/sign-in/start HTTP/1.1\r\nhost: ${host}\r\ncontent-length: 100000000\r\n\r\n`
    for (;;) yield new Uint8Array(1 << 20)
  },
  // Noise where a request should be.
  function* noise() {
    for (;;) yield randomBytes(1 << 12)
  },
  // Two lengths, a folded header, a chunk that is none: requests that two readers could read differently.
  function* malformed(host) {
    yield `POST /v1/sign-in/start HTTP/1.1\r\nhost: ${host}\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nabcdef`
    yield `POST /v1/sign-in/start HTTP/1.1\r\nhost: ${host}\r\ntransfer-encoding: chunked\r\n\r\nZZ\r\n`
  },
  // A connection that says nothing.
  function* silent() {
    for (;;) yield ''
  },
]

/** Sends it all until `stop`. */
export function startHostileTraffic(options: ConnectionOptions): { readonly closed: () => number; stop(): void } {
  let isOver = false
  let closed = 0
  const open = new Set<TLSSocket>()
  const keep = (kind: (typeof KINDS)[number]) => {
    if (isOver) return
    const socket = connect({ ...options, host: options.host as string, port: options.port as number })
    open.add(socket)
    const sends = kind(`${options.host}:${options.port}`)
    const timer = setInterval(() => {
      if (socket.destroyed || socket.writableLength > 1 << 20) return
      const { value } = sends.next()
      if (value) socket.write(value)
    }, PAUSE)
    socket.on('error', () => {})
    socket.resume()
    socket.once('close', () => {
      clearInterval(timer)
      open.delete(socket)
      closed++
      setTimeout(() => keep(kind), PAUSE)
    })
  }
  for (const kind of KINDS) for (let i = 0; i < EACH; i++) keep(kind)
  return {
    closed: () => closed,
    stop() {
      isOver = true
      for (const socket of open) socket.destroy()
    },
  }
}
