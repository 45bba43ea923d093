import type { Bytes } from '../crypto/bytes.ts'
import { ConnectionError, InputError } from './errors.ts'
import type { Transport, TransportOptions } from './transport.ts'

// The browser's transport. A page cannot choose whose certificates count: `serverAuthority` must be one that the browser
// or its organisation trusts. What the host says is verified all the same; TLS keeps strangers out, not the host honest.

/** Milliseconds without an answer after which the host counts as unreachable. */
const ANSWER_TIMEOUT_MS = 60_000

/** `fetch`, without cookies, caches, referrers or redirects. Throws `InputError` `tls-unsupported` for a client certificate. */
export function openTransport({ origin, tls }: TransportOptions): Transport {
  if (tls !== undefined) {
    throw new InputError('A page cannot present a client certificate by itself: use the workstation’s program', {
      code: 'tls-unsupported',
    })
  }
  return {
    async send({ method, target, headers, body, signal }) {
      const timeout = new AbortController()
      const timer = setTimeout(() => timeout.abort(), ANSWER_TIMEOUT_MS)
      try {
        const answer = await fetch(new URL(target, origin), {
          method,
          headers,
          body: body as Uint8Array<ArrayBuffer> | null,
          signal: signal === undefined ? timeout.signal : AbortSignal.any([signal, timeout.signal]),
          cache: 'no-store',
          credentials: 'omit',
          redirect: 'error',
          referrerPolicy: 'no-referrer',
        })
        return { status: answer.status, body: pieces(answer.body, origin.host, signal) }
      } catch (cause) {
        throw reasonOf(cause, origin.host, signal)
      } finally {
        clearTimeout(timer) // from here on the body's own pace counts
      }
    },
    async close() {
      // The browser keeps its connections by itself.
    },
  }
}

async function* pieces(
  body: ReadableStream<Uint8Array> | null,
  where: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<Bytes> {
  if (body === null) return
  const reader = body.getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      yield value
    }
  } catch (cause) {
    throw reasonOf(cause, where, signal)
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}

function reasonOf(cause: unknown, where: string, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted) return signal.reason
  return new ConnectionError(`Cannot reach the host at ${where}; check that it runs and that the address is right`, {
    code: 'host-unreachable',
    cause,
  })
}
