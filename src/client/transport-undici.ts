import { Readable } from 'node:stream'
import { Agent, errors as undiciErrors } from 'undici'
import type { Bytes } from '../crypto/bytes.ts'
import { ConnectionError } from './errors.ts'
import type { Transport, TransportOptions, TransportRequest } from './transport.ts'

// Node's transport.

/** Milliseconds without an answer after which the host counts as unreachable. */
const ANSWER_TIMEOUT_MS = 60_000

/**
 * Milliseconds after which an idle connection is closed by us, well before the host does (30 s): who sends just then gets
 * a closed socket for an answer, and cannot know whether the request arrived.
 */
const IDLE_MAX_MS = 20_000

/** A pool of connections: TLS 1.3, no authority but the one given. */
export function openTransport({ origin, serverAuthority, tls }: TransportOptions): Transport {
  const agent = new Agent({
    allowH2: false,
    headersTimeout: ANSWER_TIMEOUT_MS,
    bodyTimeout: ANSWER_TIMEOUT_MS,
    keepAliveMaxTimeout: IDLE_MAX_MS,
    connect: {
      ca: serverAuthority,
      minVersion: 'TLSv1.3',
      rejectUnauthorized: true, // whatever NODE_TLS_REJECT_UNAUTHORIZED says
      timeout: 10_000,
      ...(tls === undefined ? {} : tls),
    },
  })
  return {
    async send(request) {
      const { method, target, signal } = request
      try {
        const answer = await agent.request({
          origin: origin.origin,
          path: target,
          method,
          ...sent(request),
          signal: signal ?? null,
        })
        return { status: answer.statusCode, body: pieces(answer.body, signal) }
      } catch (cause) {
        if (signal?.aborted) throw signal.reason
        throw connectionError(cause, origin.host)
      }
    },
    close: () => agent.close(),
  }
}

/** Bytes handed to a connection at once. */
const PIECE = 256 * 1024

/** A long body goes piece by piece, as the connection takes it: else TLS would hold all of it once more, enciphered. */
function sent({ headers, body }: TransportRequest) {
  if (body === null || body.length <= PIECE) return { headers, body }
  const stream = Readable.from(inPieces(body), { objectMode: false, highWaterMark: PIECE })
  return { headers: { ...headers, 'content-length': String(body.length) }, body: stream }
}

function* inPieces(body: Bytes): Generator<Bytes> {
  for (let at = 0; at < body.length; at += PIECE) yield body.subarray(at, at + PIECE)
}

async function* pieces(body: AsyncIterable<Uint8Array>, signal: AbortSignal | undefined): AsyncGenerator<Bytes> {
  try {
    for await (const part of body) yield new Uint8Array(part.buffer, part.byteOffset, part.byteLength)
  } catch (cause) {
    if (signal?.aborted) throw signal.reason
    if (cause instanceof undiciErrors.UndiciError || isSystemError(cause)) throw connectionError(cause, 'the host')
    throw cause
  }
}

/** Certificate failures are told apart from a host that is down: the first may be an attack, the second is not. */
const UNTRUSTED = /^(CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|ERR_TLS_|ERR_SSL_)/

function isSystemError(error: unknown): error is { code: string } {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
}

function connectionError(cause: unknown, where: string): ConnectionError {
  const code = isSystemError(cause) ? cause.code : ''
  if (UNTRUSTED.test(code)) {
    return new ConnectionError(
      `The connection to ${where} was refused (${code}): its certificate, or ours, is not one the other side accepts`,
      { code: 'host-untrusted', cause },
    )
  }
  return new ConnectionError(
    `Cannot reach the host at ${where}${code === '' ? '' : ` (${code})`}; check that it runs and that the address is right`,
    { code: 'host-unreachable', cause },
  )
}
