/** What a figure is: the one interface that files of `bench/GROUP/` implement. */

/** Measures one side once and gives the value in the figure's unit. */
export type Measure = () => number | Promise<number>

/** What a value, or its ratio to a rival's, must come to. */
export type Bound = { readonly least: number } | { readonly most: number }

/** One line of the report: a side alone, or against another. */
export interface Comparison {
  /** The side that is judged. */
  readonly of: string
  /** The side it is judged by; without it the value itself is. */
  readonly against?: string
  /** Without one the line is reported and judged by nobody. */
  readonly target?: Bound
}

/** Sides measured in turn, round after round, so that whatever else the machine does falls on all of them. */
export interface Contest {
  /** Put behind the figure's name: a size, a number of cores. Empty or absent for the figure itself. */
  readonly variant?: string
  /** By name, ours among them; the first of them is measured first in each round. */
  readonly sides: Readonly<Record<string, Measure>>
  readonly comparisons: readonly Comparison[]
  /** Rounds that count, after one that does not. As many as ten seconds hold unless given, 5 to 21. */
  readonly rounds?: number
}

/** A file of `bench/GROUP/`, named like the figure, exports one as default. */
export interface Figure {
  /** What is measured, how much of it, how durable, against what limit: one or two sentences. */
  readonly what: string
  /** `MB/s` (10^6 bytes), `MiB`, `ms`, `/s`. */
  readonly unit: string
  /** How many cores the process may use; all unless given. */
  readonly cores?: 1
  /** Arguments of the runtime: a heap limit, `--expose-gc`. */
  readonly nodeArguments?: readonly string[]
  /** Prepares and hands out one contest after the other; what stands after a `yield` runs when it was measured. */
  contests(): AsyncIterable<Contest> | Iterable<Contest>
}

/** The value of something done `units` times: how many a second. */
export function perSecond(units: number, work: () => unknown): Measure {
  return async () => {
    const began = performance.now()
    await work()
    return units / ((performance.now() - began) / 1000)
  }
}

/** The value of something that takes in `bytes`: MB/s. */
export function megabytesPerSecond(bytes: number, work: () => unknown): Measure {
  return perSecond(bytes / 1e6, work)
}
