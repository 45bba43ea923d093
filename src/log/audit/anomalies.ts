/** What stands out among the acts: reasons to ask, never proofs. Thresholds are in docs/audit.md. */
import type { Actor } from '../../protocol/entry.ts'

export const ANOMALIES = {
  'wide-reader': 'One card acted in very many records in one day.',
  'night-peak': 'Far more happened in an hour of the night than is usual.',
  'dormant-card': 'A card that had been silent for long acted again.',
  'refusal-burst': 'One actor was refused many times in a short while.',
} as const
export type AnomalyKind = keyof typeof ANOMALIES

export interface Anomaly {
  readonly kind: AnomalyKind
  /** Who: a national id, a record id; null for an hour. */
  readonly who: string | null
  /** RFC 3339, or a day and an hour. */
  readonly when: string
  /** Records, acts, days of silence, refusals. */
  readonly count: number
  /** What is usual, or the threshold that was passed. */
  readonly usual: number
}

/** A day's records of one card: at least so many, and so many times what nineteen in twenty card days have. */
const WIDE = { least: 20, times: 3 }
/** Acts in an hour of the night (22 to 6): at least so many, and so many times that hour's mean. */
const NIGHT = { least: 30, times: 6 }
const DORMANT_DAYS = 60
/** Refusals of one actor within ten minutes. */
const BURST = { least: 10, withinMs: 600_000 }
/** Of each kind so many are told, the largest. */
const MOST = 20
const DAY_MS = 86_400_000

interface Act {
  readonly t: number
  readonly day: string
  readonly hour: number
  readonly chain: string
  readonly actor: Actor
  readonly outcome: 'ok' | 'refused'
  readonly isAccess: boolean
}

export class Watch {
  #day = ''
  /** Records of each card on the day at hand. */
  #today = new Map<string, Set<string>>()
  /** How many card days had so many records. */
  readonly #reach = new Map<number, number>()
  readonly #widest: Anomaly[] = []
  readonly #nights = new Map<string, { hour: number; count: number }>()
  readonly #seen = new Map<string, number>()
  readonly #dormant: Anomaly[] = []
  readonly #refused = new Map<string, { since: number; count: number; told: Anomaly | null }>()
  readonly #bursts: Anomaly[] = []

  take(act: Act): void {
    const { t, day, hour, chain, actor, outcome } = act
    if (day !== this.#day) this.#endDay(day)
    if (hour >= 22 || hour < 6) this.#night(day, hour)
    const isCard = actor.kind === 'professional' || actor.kind === 'establishment'
    if (isCard) {
      const before = this.#seen.get(actor.id)
      const silent = before === undefined ? 0 : Math.floor((t - before) / DAY_MS)
      if (silent >= DORMANT_DAYS) {
        const when = new Date(t).toISOString()
        keep(this.#dormant, { kind: 'dormant-card', who: actor.id, when, count: silent, usual: DORMANT_DAYS })
      }
      this.#seen.set(actor.id, t)
      if (act.isAccess && outcome === 'ok') {
        const records = this.#today.get(actor.id) ?? new Set()
        this.#today.set(actor.id, records.add(chain))
      }
    }
    if (outcome === 'refused') this.#refusal(actor.id, t)
  }

  anomalies(): Anomaly[] {
    this.#endDay('')
    const usual = this.#usualReach()
    const wide = this.#widest.map(each => ({ ...each, usual })).filter(({ count }) => count >= WIDE.times * usual)
    return [...wide, ...this.#nightPeaks(), ...this.#dormant, ...this.#bursts]
  }

  #endDay(next: string): void {
    for (const [who, { size }] of this.#today) {
      this.#reach.set(size, (this.#reach.get(size) ?? 0) + 1)
      if (size >= WIDE.least) keep(this.#widest, { kind: 'wide-reader', who, when: this.#day, count: size, usual: 0 })
    }
    this.#today = new Map()
    this.#day = next
  }

  /** So many records or fewer have nineteen in twenty card days. */
  #usualReach(): number {
    const sizes = [...this.#reach].sort(([a], [b]) => a - b)
    const all = sizes.reduce((sum, [, count]) => sum + count, 0)
    let below = 0
    for (const [size, count] of sizes) {
      below += count
      if (below >= 0.95 * all) return size
    }
    return 0
  }

  #night(day: string, hour: number): void {
    const name = `${day} ${String(hour).padStart(2, '0')}:00`
    const known = this.#nights.get(name)
    if (known === undefined) this.#nights.set(name, { hour, count: 1 })
    else known.count++
  }

  #nightPeaks(): Anomaly[] {
    const byHour = new Map<number, { nights: number; count: number }>()
    for (const { hour, count } of this.#nights.values()) {
      const sum = byHour.get(hour) ?? { nights: 0, count: 0 }
      byHour.set(hour, { nights: sum.nights + 1, count: sum.count + count })
    }
    const peaks: Anomaly[] = []
    for (const [when, { hour, count }] of this.#nights) {
      const all = byHour.get(hour) ?? { nights: 1, count }
      // The mean of the other nights: a peak must not hide itself.
      const usual = (all.count - count) / Math.max(1, all.nights - 1)
      if (count < NIGHT.least || count < NIGHT.times * usual) continue
      keep(peaks, { kind: 'night-peak', who: null, when, count, usual: Math.round(usual) })
    }
    return peaks
  }

  #refusal(who: string, t: number): void {
    const known = this.#refused.get(who)
    if (known === undefined || t - known.since > BURST.withinMs) {
      this.#refused.set(who, { since: t, count: 1, told: null })
      return
    }
    known.count++
    if (known.count < BURST.least) return
    const when = new Date(known.since).toISOString()
    const burst: Anomaly = { kind: 'refusal-burst', who, when, count: known.count, usual: BURST.least }
    const at = known.told === null ? -1 : this.#bursts.indexOf(known.told)
    if (at >= 0) this.#bursts.splice(at, 1)
    keep(this.#bursts, burst)
    known.told = burst
  }
}

function keep(list: Anomaly[], anomaly: Anomaly): void {
  list.push(anomaly)
  list.sort((a, b) => b.count - a.count)
  list.length = Math.min(list.length, MOST)
}
