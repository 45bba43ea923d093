import type { Anchors } from '../protocol/anchors.ts'
import type { Instant } from '../protocol/ids.ts'
import { InputError } from './errors.ts'

/** Where the SDK takes the time from. */
export type Clock = () => Date

const platformClock: Clock = () => new Date()
/** Milliseconds by which an injected clock may differ from the platform's in a deployment that is not for development. */
const TOLERANCE_MS = 1000

/**
 * The clock to use: the given one only in a deployment marked development, elsewhere the platform's.
 * Throws `InputError` `clock-refused` when another time is asked for in a real deployment.
 */
export function clockFor(anchors: Pick<Anchors, 'development'>, given?: Clock): Clock {
  if (given === undefined) return platformClock
  if (anchors.development) return given
  if (Math.abs(given().getTime() - Date.now()) > TOLERANCE_MS) {
    throw new InputError('Another clock than the machine’s is honoured in development deployments only', {
      code: 'clock-refused',
    })
  }
  return platformClock
}

/** The protocol's form of a time. */
export function instant(date: Date): Instant {
  return date.toISOString() as Instant
}
