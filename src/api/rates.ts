/**
 * How much each client may ask, kept in memory that all HTTP workers share: however the system shares connections out, a
 * client has one allowance. Nothing of it is written down, and no address or key stands in it.
 */
import type { RequestHandler, Response } from 'express'
import { type Bytes, concat, randomBytes, toBase64url, utf8 } from '../crypto/bytes.ts'
import { sha256 } from '../crypto/hash.ts'
import { Refusal } from '../vault/errors.ts'
import { RATES, type RateName } from './limits.ts'

/** Clients told apart at once, about; two that fall on one cell share an allowance, and nobody can aim at that. */
const CELLS = 1 << 17

/** Shared between threads. */
export interface RateTable {
  /** 8 bytes a cell: the moment at which the allowance is whole again, microseconds of the monotonic clock. */
  readonly cells: SharedArrayBuffer
  /** Drawn at start: which cell a client has is nobody's to choose or to know. */
  readonly key: Bytes
}

export function makeRateTable(): RateTable {
  return { cells: new SharedArrayBuffer(CELLS * 8), key: randomBytes(16) }
}

/** What is left to a client after a request. */
export interface Allowance {
  readonly isAllowed: boolean
  /** Requests that may follow at once. */
  readonly remaining: number
  /** Whole seconds until the allowance is whole again; for a refusal, until one more may come. */
  readonly seconds: number
}

/** One kind of request: GCRA, the leaky bucket as a meter (ITU-T I.371), on the shared table. */
export class RateLimiter {
  readonly #table: RateTable
  readonly #cells: BigInt64Array
  readonly name: RateName

  constructor(table: RateTable, name: RateName) {
    this.#table = table
    this.#cells = new BigInt64Array(table.cells)
    this.name = name
  }

  /** Takes one from the client's allowance; `now` in microseconds of a clock that all threads share and nobody sets. */
  take(client: string, now: bigint = process.hrtime.bigint() / 1000n): Allowance {
    const { burst, perSecond } = RATES[this.name]
    const each = 1_000_000n / BigInt(perSecond)
    const whole = each * BigInt(burst)
    const cell = this.#cellOf(client)
    for (;;) {
      const before = Atomics.load(this.#cells, cell)
      const after = (before > now ? before : now) + each
      const used = after - now
      if (used > whole) return { isAllowed: false, remaining: 0, seconds: secondsOf(used - whole) }
      // Another thread took one meanwhile: look again.
      if (Atomics.compareExchange(this.#cells, cell, before, after) !== before) continue
      return { isAllowed: true, remaining: Number((whole - used) / each), seconds: secondsOf(used) }
    }
  }

  #cellOf(client: string): number {
    const hash = sha256(concat(this.#table.key, utf8(`${this.name} ${client}`)))
    return new DataView(hash.buffer, hash.byteOffset).getUint32(0) % CELLS
  }
}

const secondsOf = (microseconds: bigint): number => Math.max(1, Math.ceil(Number(microseconds) / 1_000_000))

/** Bounds a route that nobody signs by network address. Throws `Refusal` `too-many-requests`. */
export function limitRate(limiter: RateLimiter): RequestHandler {
  return (request, response, next) => {
    try {
      spend(limiter, networkOf(request.socket.remoteAddress ?? ''), response)
      next()
    } catch (error) {
      next(error)
    }
  }
}

/** Takes one, and tells the client what is left (draft-ietf-httpapi-ratelimit-headers). Throws `Refusal` `too-many-requests`. */
export function spend(limiter: RateLimiter, client: string, response: Response): void {
  const { burst, perSecond } = RATES[limiter.name]
  const { isAllowed, remaining, seconds } = limiter.take(client)
  response.setHeader('ratelimit-policy', `"${limiter.name}";q=${burst};w=${Math.max(1, Math.ceil(burst / perSecond))}`)
  response.setHeader('ratelimit', `"${limiter.name}";r=${remaining};t=${seconds}`)
  if (isAllowed) return
  response.setHeader('retry-after', String(seconds))
  throw new Refusal('too-many-requests', 'Too many requests from you; the answer says when the next may come')
}

/** One subscriber's network: an IPv4 address, or the first 64 bits of an IPv6 one. */
export function networkOf(address: string): string {
  const v4 = /^(?:::ffff:)?(\d+\.\d+\.\d+\.\d+)$/.exec(address)?.[1]
  if (v4 !== undefined) return v4
  const [head = '', tail] = address.split('::')
  const groups = head.split(':').filter(group => group !== '')
  if (tail !== undefined) while (groups.length < 4) groups.push('0')
  return groups.slice(0, 4).join(':')
}

/** A network by a name that tells nothing of it, the same until the host is started again. */
export function networkName({ key }: RateTable, address: string): string {
  return toBase64url(sha256(concat(key, utf8(networkOf(address)))).subarray(0, 12))
}
