/** Whether two kinds of work can be told apart by how long they take: fixed against random, as "dudect" does (eprint 2016/1123). */

/** Two kinds of work; each call does one piece of it and resolves when it is done. */
export interface Pair {
  first(): Promise<unknown>
  second(): Promise<unknown>
}

/** Above this in either direction the two are told apart: the usual bound of leakage tests. */
export const TELLING_T = 4.5

/** Of all measurements, the slowest part is left out: a collector or another program was at work then. */
const KEPT = 0.9

/** Welch's t of `count` measurements of each, in random order. */
export async function welch(pair: Pair, count: number): Promise<number> {
  const kinds = Array.from({ length: 2 * count }, (_, i) => i % 2)
  for (let i = kinds.length - 1; i > 0; i--) {
    const other = Math.floor(Math.random() * (i + 1))
    const [a, b] = [kinds[i] as number, kinds[other] as number]
    kinds[i] = b
    kinds[other] = a
  }
  const times: [number[], number[]] = [[], []]
  for (const kind of kinds) {
    const began = process.hrtime.bigint()
    await (kind === 0 ? pair.first() : pair.second())
    times[kind as 0 | 1].push(Number(process.hrtime.bigint() - began))
  }
  const bound = times.flat().toSorted((a, b) => a - b)[Math.floor(KEPT * kinds.length)] ?? 0
  const [x, y] = times.map(each => momentsOf(each.filter(time => time <= bound))) as [Moments, Moments]
  return (x.mean - y.mean) / Math.sqrt(x.variance / x.count + y.variance / y.count)
}

interface Moments {
  readonly count: number
  readonly mean: number
  readonly variance: number
}

function momentsOf(values: readonly number[]): Moments {
  const mean = values.reduce((sum, each) => sum + each, 0) / values.length
  const variance = values.reduce((sum, each) => sum + (each - mean) ** 2, 0) / (values.length - 1)
  return { count: values.length, mean, variance }
}
