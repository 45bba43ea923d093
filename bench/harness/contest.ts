/** Measures a contest: round after round, each side in turn; the ratio is taken within a round, the median over rounds. */
import type { Bound, Comparison, Contest } from './figure.ts'

/** One line of the report, as `--json` prints it. */
export interface Line {
  readonly figure: string
  readonly value: number
  readonly unit: string
  readonly against: string | null
  readonly ratio: number | null
  /** `>= 0.9`: of the ratio when there is one, else of the value. */
  readonly target: string | null
  readonly holds: boolean | null
}

/** What a contest came to. */
export interface Outcome {
  /** Values of each side, one a round. */
  readonly raw: Readonly<Record<string, readonly number[]>>
  readonly lines: readonly Line[]
}

/** Rounds of a contest that names no number: short ones are measured again and again, and the median has more to go by. */
const ROUNDS = { least: 5, most: 21, milliseconds: 10_000 } as const
/** After so many milliseconds no contest begins another round, whatever number it wanted: a busy machine must not hold up the rest. */
const LONGEST = 100_000

/** Measures it. `rounds` overrides the contest's own number. */
export async function measure(
  contest: Contest,
  { figure, unit, rounds = contest.rounds }: { figure: string; unit: string; rounds?: number | undefined },
): Promise<Outcome> {
  const sides = Object.entries(contest.sides)
  for (const [, side] of sides) await side() // compiled, cached, allocated: what comes after is the steady state
  const raw: Record<string, number[]> = Object.fromEntries(sides.map(([name]) => [name, []]))
  const began = performance.now()
  const isEnough = (round: number) => {
    const passed = performance.now() - began
    if (round > 0 && passed > LONGEST) return true
    if (rounds !== undefined) return round >= rounds
    return round >= ROUNDS.most || (round >= ROUNDS.least && passed > ROUNDS.milliseconds)
  }
  for (let round = 0; !isEnough(round); round++) {
    // the other way round every second time: whoever comes second finds a warmer or a busier machine
    for (const [name, side] of round % 2 === 0 ? sides : sides.toReversed()) {
      globalThis.gc?.() // what one side left behind is not collected in the other's time
      raw[name]?.push(await side())
    }
  }
  const named = [figure, contest.variant].filter(Boolean).join(' ')
  return { raw, lines: contest.comparisons.map(comparison => compare(raw, comparison, { figure: named, unit })) }
}

function compare(
  raw: Readonly<Record<string, readonly number[]>>,
  { of, against, target }: Comparison,
  { figure, unit }: { figure: string; unit: string },
): Line {
  const values = valuesOf(raw, of)
  const value = median(values)
  const ratio =
    against === undefined ? null : median(valuesOf(raw, against).map((other, round) => (values[round] ?? 0) / other))
  const judged = ratio ?? value
  return {
    figure,
    value: rounded(value),
    unit,
    against: against ?? null,
    ratio: ratio === null ? null : rounded(ratio),
    target: target === undefined ? null : boundText(target),
    holds: target === undefined ? null : within(judged, target),
  }
}

function valuesOf(raw: Readonly<Record<string, readonly number[]>>, side: string): readonly number[] {
  const values = raw[side]
  if (values === undefined) throw new TypeError(`The contest has no side named "${side}"`)
  return values
}

/** The middle value, or the mean of the two in the middle. */
function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2
}

const within = (value: number, bound: Bound) => ('least' in bound ? value >= bound.least : value <= bound.most)
const boundText = (bound: Bound) => ('least' in bound ? `>= ${bound.least}` : `<= ${bound.most}`)
/** Three significant digits; more would be noise. */
const rounded = (value: number) => (Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3)))
