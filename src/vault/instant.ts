import type { Instant } from '../protocol/ids.ts'

/** POSIX milliseconds in the protocol's form of a time. */
export function instantOf(ms: number): Instant {
  return new Date(ms).toISOString() as Instant
}
