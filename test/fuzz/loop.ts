/** Runs one target: makes each input from the seed and its number, and judges the answer. */
import { CoffreError } from '../../src/crypto/errors.ts'
import { mutateBytes, mutateText } from './mutate.ts'
import { Random } from './random.ts'
import type { Target } from './target.ts'

/** An answer that may not be. */
export interface Finding {
  readonly target: string
  readonly seed: number
  readonly index: number
  readonly why: string
  /** The input: text as it is, bytes in hexadecimal. */
  readonly input: string
}

/** How the inputs of a target fared. */
export interface Tally {
  readonly target: string
  readonly inputs: number
  readonly accepted: number
  /** Refusals by code. */
  readonly refused: Readonly<Record<string, number>>
  readonly findings: readonly Finding[]
  readonly seconds: number
}

export interface LoopOptions {
  readonly seed: number
  readonly from?: number
  readonly runs: number
  /** Stops early at this time of `performance.now()`. */
  readonly until?: number
  /** Told before each input: its number, so that a reader that never answers is found. */
  readonly before?: (index: number) => void
}

/** More findings than this of one target say nothing new. */
const FINDINGS_MAX = 10

/** Input number `index` of a target. */
export function inputOf(target: Target, seed: number, index: number): Uint8Array | string {
  const random = new Random(seed, target.name, index)
  if (target.near !== undefined && random.once(3)) return target.near(random)
  const sample = random.pick(target.samples as readonly (Uint8Array | string)[])
  if (typeof sample === 'string') {
    if (random.once(32)) return mutateText(random, '', target.samples as readonly string[])
    return mutateText(random, sample, target.samples as readonly string[])
  }
  if (random.once(32)) return random.bytes(random.below(2 * sample.length + 2))
  return mutateBytes(random, sample, target.samples as readonly Uint8Array[])
}

export async function loop(target: Target, { seed, from = 0, runs, until, before }: LoopOptions): Promise<Tally> {
  const take = target.take as (input: Uint8Array | string) => unknown
  const began = performance.now()
  const refused: Record<string, number> = {}
  const findings: Finding[] = []
  let accepted = 0
  let index = from
  for (; index < from + runs && findings.length < FINDINGS_MAX; index++) {
    if (until !== undefined && index % 64 === 0 && performance.now() > until) break
    before?.(index)
    const input = inputOf(target, seed, index)
    const find = (why: string) =>
      findings.push({ target: target.name, seed, index, why, input: typeof input === 'string' ? input : input.toHex() })
    try {
      let read = take(input)
      if (read instanceof Promise) read = await read
      accepted++
      const wrong = judge(target, input, read)
      if (wrong !== null) find(wrong)
    } catch (error) {
      if (!CoffreError.is(error))
        find(`threw ${error instanceof Error ? (error.stack ?? error.message) : typeof error}`)
      else if (!target.refusals.includes(error.code)) find(`refused with a code that is not documented: ${error.code}`)
      else refused[error.code] = (refused[error.code] ?? 0) + 1
    }
  }
  const seconds = (performance.now() - began) / 1000
  return { target: target.name, inputs: index - from, accepted, refused, findings, seconds }
}

function judge(target: Target, input: Uint8Array | string, read: unknown): string | null {
  if (target.authentic && !target.samples.some(sample => same(sample, input))) return 'accepted an altered input'
  if (target.write === undefined) return null
  const again = (target.write as (read: unknown) => Uint8Array | string | null)(read)
  return again === null || same(again, input) ? null : 'accepted a second writing of the same value'
}

function same(a: Uint8Array | string, b: Uint8Array | string): boolean {
  if (typeof a === 'string' || typeof b === 'string') return a === b
  return a.length === b.length && a.every((byte, i) => byte === b[i])
}
