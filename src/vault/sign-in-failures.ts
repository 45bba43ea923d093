import type { Ins } from '../protocol/ids.ts'
import { Refusal } from './errors.ts'
import type { Tx } from './store/store.ts'

/** Consecutive failures that lock a pair. */
const FAILURES_MAX = 5
/** First lock of a known device and the longest, milliseconds; each further one doubles. */
const KNOWN = { first: 15 * 60_000, longest: 24 * 60 * 60_000 } as const
/** The same for all unknown devices together: they wait longer each time, and never so long that a patient is kept out. */
const UNKNOWN = { first: 60_000, longest: 15 * 60_000 } as const
/** A pair without failures for this long is forgotten. */
const FORGET_MS = 24 * 60 * 60_000

/** A pair (INS, device); all devices that the record does not know share the one named ''. */
export interface Pair {
  readonly ins: Ins
  readonly device: string
}

/** How a pair stands after a failure. */
export interface Standing {
  readonly attemptsLeft: number
  readonly lockedUntil: number | null
}

interface Row {
  readonly failures: number
  readonly locks: number
  readonly locked_until: number
}

const NONE: Row = { failures: 0, locks: 0, locked_until: 0 }

/**
 * Counts failed sign-ins by pair, alike for an INS that exists and one that does not (docs/protocol/sign-in.md). Unknown
 * devices wait a minute at first and 15 minutes at most, however often: a stranger can neither guess on nor keep a patient
 * out for long.
 */
export const signInFailures = {
  /** Throws `Refusal` `sign-in-locked` while the pair is locked. */
  check(tx: Tx, pair: Pair, now: number): void {
    const { locked_until } = rowOf(tx, pair)
    if (locked_until > now) throw locked(locked_until)
  },

  /**
   * Counts a failure *before* the try is judged, so that tries made at once cannot outrun the count; `forgive` takes it
   * back when the try was right.
   */
  count(tx: Tx, pair: Pair, now: number): Standing {
    const { ins, device } = pair
    const before = rowOf(tx, pair)
    const failures = before.failures + 1
    const isLocking = failures >= FAILURES_MAX
    const { first, longest } = device === '' ? UNKNOWN : KNOWN
    const wait = Math.min(longest, first * 2 ** Math.min(before.locks, 10))
    const row: Row = isLocking
      ? { failures: 0, locks: before.locks + 1, locked_until: now + wait }
      : { ...before, failures }
    tx.run('DELETE FROM sign_in_failures WHERE forget <= @now', { now })
    write(tx, { ins, device }, row, now)
    return { attemptsLeft: isLocking ? 0 : FAILURES_MAX - failures, lockedUntil: isLocking ? row.locked_until : null }
  },

  /** Takes one count back, with the lock that it brought: the try was right after all. */
  forgive(tx: Tx, pair: Pair, { standing, now }: { standing: Standing; now: number }): void {
    const row = rowOf(tx, pair)
    const undone: Row =
      standing.lockedUntil !== null && row.locked_until === standing.lockedUntil
        ? { failures: FAILURES_MAX - 1, locks: row.locks - 1, locked_until: 0 }
        : { ...row, failures: Math.max(0, row.failures - 1) }
    write(tx, pair, undone, now)
  },

  /** The person came in: what failed before no longer counts. */
  clear(tx: Tx, { ins, device }: Pair): void {
    tx.run('DELETE FROM sign_in_failures WHERE ins = @ins AND device = @device', { ins, device })
  },
}

function rowOf(tx: Tx, { ins, device }: Pair): Row {
  const row = tx.get<Row>(
    'SELECT failures, locks, locked_until FROM sign_in_failures WHERE ins = @ins AND device = @device',
    { ins, device },
  )
  return row ?? NONE
}

function write(tx: Tx, { ins, device }: Pair, row: Row, now: number): void {
  tx.run('DELETE FROM sign_in_failures WHERE ins = @ins AND device = @device', { ins, device })
  tx.run(
    `INSERT INTO sign_in_failures (ins, device, failures, locks, locked_until, forget)
     VALUES (@ins, @device, @failures, @locks, @locked_until, @forget)`,
    { ins, device, ...row, forget: Math.max(now, row.locked_until) + FORGET_MS },
  )
}

/** The refusal of a locked pair. */
function locked(until: number): Refusal {
  return new Refusal('sign-in-locked', '', { extra: { retryAt: new Date(until).toISOString() } })
}
