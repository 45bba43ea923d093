/** What went on, as the entries tell it: counted day by day, in memory that grows with days and actors alone. */
import type { Action, Actor } from '../../protocol/entry.ts'
import { parseEvent } from '../entry.ts'
import { LogError } from '../errors.ts'
import { type Anomaly, Watch } from './anomalies.ts'
import type { StoredEntry } from './source.ts'

/** What an entry is counted as. */
export const ACTIVITIES = ['reads', 'lists', 'deposits', 'changes', 'sessions', 'refusals', 'other'] as const
export type ActivityName = (typeof ACTIVITIES)[number]

export type Counts = Record<ActivityName, number>

/** Acts of one day, in the time zone asked for. */
export interface DayCounts {
  /** YYYY-MM-DD. */
  readonly day: string
  readonly counts: Counts
}

/** What `Activity` came to. */
export interface ActivitySummary {
  readonly days: readonly DayCounts[]
  /** Acts on records by hour of the day, 24 numbers. */
  readonly hours: readonly number[]
  /** By action, refused ones apart. */
  readonly actions: ReadonlyMap<string, { readonly ok: number; readonly refused: number }>
  /** Accesses by who acts: a profession, an establishment, the patient. */
  readonly professions: ReadonlyMap<string, number>
  /** Refusals by their reason. */
  readonly reasons: ReadonlyMap<string, number>
  readonly anomalies: readonly Anomaly[]
}

const SESSIONS: ReadonlySet<Action> = new Set(['session.start', 'session.end', 'session.fail', 'account.activate'])
const CHANGES = /^(record\.|grant\.|document\.(mask|unmask)|compartment\.|identity\.|recovery\.|device\.|key\.)/
const ACCESSES: ReadonlySet<Action> = new Set(['document.read', 'document.list', 'document.deposit'])

export interface ActivityOptions {
  /** An IANA name: what a day and a night are. */
  readonly timeZone: string
  /** What the directory says of who acts: a profession; null when it says nothing. */
  readonly professionOf: (actor: Actor) => string | null
}

export class Activity {
  readonly #options: ActivityOptions
  readonly #clock: Intl.DateTimeFormat
  readonly #days = new Map<string, Counts>()
  readonly #hours = new Array<number>(24).fill(0)
  readonly #actions = new Map<string, { ok: number; refused: number }>()
  readonly #professions = new Map<string, number>()
  readonly #reasons = new Map<string, number>()
  readonly #watch = new Watch()
  /** The last hour that was looked up: entries come in the order of time. */
  #hour = { from: Number.NaN, day: '', hour: 0 }

  constructor(options: ActivityOptions) {
    this.#options = options
    this.#clock = new Intl.DateTimeFormat('en-CA', {
      timeZone: options.timeZone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      hourCycle: 'h23',
    })
  }

  /** Counts an entry; one that cannot be read is passed over (the audit finds it). */
  take({ chain, event: line }: Pick<StoredEntry, 'chain' | 'event'>): void {
    const event = read(line)
    if (event === null) return
    const { action, outcome, actor, object } = event
    const t = Date.parse(event.t)
    const { day, hour } = this.#place(t)
    const name = activityOf(action, outcome)
    this.#day(day)[name]++
    const byAction = this.#actions.get(action) ?? { ok: 0, refused: 0 }
    byAction[outcome]++
    this.#actions.set(action, byAction)
    if (outcome === 'refused') add(this.#reasons, String(object.reason ?? 'unknown'), 1)
    if (action === 'strangers.refused')
      add(this.#reasons, String(object.reason ?? 'strangers'), Number(object.count ?? 1))
    if (chain === 'system') return
    this.#hours[hour] = (this.#hours[hour] as number) + 1
    if (outcome === 'ok' && ACCESSES.has(action)) add(this.#professions, this.#who(actor), 1)
    this.#watch.take({ t, day, hour, chain, actor, outcome, isAccess: ACCESSES.has(action) })
  }

  summary(): ActivitySummary {
    const days = [...this.#days].map(([day, counts]) => ({ day, counts })).sort((a, b) => (a.day < b.day ? -1 : 1))
    return {
      days,
      hours: this.#hours,
      actions: this.#actions,
      professions: this.#professions,
      reasons: this.#reasons,
      anomalies: this.#watch.anomalies(),
    }
  }

  #who(actor: Actor): string {
    if (actor.kind === 'patient') return 'Patient'
    if (actor.kind === 'establishment') return 'Establishment'
    return this.#options.professionOf(actor) ?? 'Professional'
  }

  #day(day: string): Counts {
    let counts = this.#days.get(day)
    if (counts === undefined) {
      counts = Object.fromEntries(ACTIVITIES.map(name => [name, 0])) as Counts
      this.#days.set(day, counts)
    }
    return counts
  }

  #place(t: number): { readonly day: string; readonly hour: number } {
    const from = t - (t % 900_000) // offsets of time zones are whole quarters of an hour
    if (from !== this.#hour.from) {
      const parts = Object.fromEntries(this.#clock.formatToParts(from).map(({ type, value }) => [type, value]))
      this.#hour = { from, day: `${parts.year}-${parts.month}-${parts.day}`, hour: Number(parts.hour) }
    }
    return this.#hour
  }
}

function read(line: string) {
  try {
    return parseEvent(line)
  } catch (error) {
    if (LogError.is(error, 'entry-form')) return null
    throw error
  }
}

function activityOf(action: Action, outcome: 'ok' | 'refused'): ActivityName {
  if (outcome === 'refused' || action === 'strangers.refused') return 'refusals'
  if (action === 'document.read') return 'reads'
  if (action === 'document.list') return 'lists'
  if (action === 'document.deposit') return 'deposits'
  if (SESSIONS.has(action)) return 'sessions'
  return CHANGES.test(action) ? 'changes' : 'other'
}

function add(counts: Map<string, number>, name: string, count: number): void {
  counts.set(name, (counts.get(name) ?? 0) + count)
}
