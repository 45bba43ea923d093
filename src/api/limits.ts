import { PART_SIZE } from '../protocol/messages.ts'

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

/** `burst` at once, `perSecond` in the long run. */
export interface Rate {
  readonly burst: number
  readonly perSecond: number
}

/** What one client may ask, by kind of request. */
export const RATES = {
  /** By network address. Public reading: the log, keys, health. */
  read: { burst: 2000, perSecond: 400 },
  /** By network address. Importing registrations (each is signed by the insurer, who sends many). */
  import: { burst: 1000, perSecond: 200 },
  /** By network address. Guessing is bounded by lock-out; this bounds the cost. */
  'sign-in': { burst: 60, perSecond: 5 },
  /** By key. A hospital's software at its busiest is far below; a program that runs wild is not. */
  signed: { burst: 20_000, perSecond: 2_000 },
} as const satisfies Record<string, Rate>
export type RateName = keyof typeof RATES
