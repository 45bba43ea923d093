import type { RequestHandler } from 'express'
import { PART_SIZE } from '../protocol/messages.ts'
import { Refusal } from '../vault/errors.ts'

/** Largest body by route, bytes. A bundle is 1 MiB at most, a record's sets 4 MiB, one grant with its seals some 10 KiB. */
export const BODY_LIMIT = {
  small: 64 * 1024,
  statements: 1024 * 1024,
  record: 8 * 1024 * 1024,
  states: 48 * 1024 * 1024,
  part: PART_SIZE,
} as const

/** What one connection may take, so that slow or many callers cannot starve others. Times in milliseconds. */
export const CONNECTION_LIMITS = {
  maxHeaderBytes: 16 * 1024,
  handshakeTimeoutMs: 10_000,
  headersTimeoutMs: 15_000,
  /** The whole request, body included: an 8 MiB part at 70 KiB/s. */
  requestTimeoutMs: 120_000,
  keepAliveTimeoutMs: 30_000,
  /** Without a byte in either direction: a reader that stopped reading. */
  idleTimeoutMs: 60_000,
  maxConnections: 4096,
  maxRequestsPerSocket: 100_000,
} as const

/** A bucket: `burst` at once, `perSecond` in the long run. */
export interface Rate {
  readonly burst: number
  readonly perSecond: number
}

/** For routes that nobody signs, by network address. */
export const UNSIGNED_RATES = {
  /** Public reading: the log, keys, health. */
  read: { burst: 2000, perSecond: 400 },
  /** Importing registrations (each is signed by the insurer, who sends many). */
  import: { burst: 1000, perSecond: 200 },
  /** Signing in. Guessing is bounded by lock-out; this bounds the cost. */
  signIn: { burst: 60, perSecond: 5 },
} as const satisfies Record<string, Rate>

/** Addresses remembered by one limiter; the one silent for longest is forgotten first. */
const ADDRESSES_MAX = 10_000

/** Token buckets by address, in bounded memory. One process's; a second process has its own. */
export class RateLimiter {
  readonly #rate: Rate
  readonly #buckets = new Map<string, { tokens: number; at: number }>()

  constructor(rate: Rate) {
    this.#rate = rate
  }

  /** Takes one token for an address; false when there is none. `now` in milliseconds. */
  take(address: string, now: number): boolean {
    const key = networkOf(address)
    const { burst, perSecond } = this.#rate
    const known = this.#buckets.get(key)
    const elapsed = known === undefined ? 0 : Math.max(0, now - known.at) / 1000
    const tokens = known === undefined ? burst : Math.min(burst, known.tokens + elapsed * perSecond)
    this.#buckets.delete(key)
    this.#buckets.set(key, { tokens: tokens >= 1 ? tokens - 1 : tokens, at: now })
    if (this.#buckets.size > ADDRESSES_MAX) {
      const [oldest] = this.#buckets.keys()
      if (oldest !== undefined) this.#buckets.delete(oldest)
    }
    return tokens >= 1
  }
}

/** One subscriber's network: an IPv4 address, or the first 64 bits of an IPv6 one. */
function networkOf(address: string): string {
  const v4 = /^(?:::ffff:)?(\d+\.\d+\.\d+\.\d+)$/.exec(address)?.[1]
  if (v4 !== undefined) return v4
  const [head = '', tail] = address.split('::')
  const groups = head.split(':').filter(group => group !== '')
  if (tail !== undefined) while (groups.length < 4) groups.push('0')
  return groups.slice(0, 4).join(':')
}

/** Answers `busy` to an address above the rate. */
export function limitRate(limiter: RateLimiter): RequestHandler {
  return (request, _response, next) => {
    // Monotonic: a clock set back must not fill or freeze buckets.
    if (limiter.take(request.socket.remoteAddress ?? '', performance.now())) next()
    else next(new Refusal('busy', 'Too many requests from this address; try again in a few seconds'))
  }
}
