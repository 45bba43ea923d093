import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import type { Outcome } from '../fixtures/published/outcome.ts'

export type { Wycheproof } from '../fixtures/published/outcome.ts'

/** The JSON of a published vector file below `test/vectors`; its form is the test's to know. */
export function readVectors<T>(path: string): T {
  return JSON.parse(readFileSync(join(import.meta.dirname, '../vectors', path), 'utf8')) as T
}

/** The code of the error that something throws, or rejects with; `null` when it does not. */
export async function codeOf(step: () => unknown): Promise<string | null> {
  try {
    await step()
    return null
  } catch (error) {
    return (error as { code?: string }).code ?? `${error}`
  }
}

/** All pieces of a stream as one array. */
export async function collect(source: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  for await (const piece of source) pieces.push(piece)
  return new Uint8Array(Buffer.concat(pieces))
}

/** A copy with one bit changed. */
export function flipped(bytes: Uint8Array, index: number, bit = 0): Uint8Array {
  const copy = bytes.slice()
  copy[index] = (copy[index] as number) ^ (1 << bit)
  return copy
}

/**
 * Pins how many tests of a published file are run, and says it in one line of the output. What was not run is listed with
 * its reason and count; run and listed together must be all that the file has.
 */
export function pinVectors(t: Test, pinned: number, { file, all, run, skipped, wrong }: Outcome): void {
  const left = Object.entries(skipped)
  const reasons = left.map(([reason, count]) => `; ${count} not run: ${reason}`).join('')
  t.equal(run, pinned, `${file}: ${run} of ${all}${reasons}`)
  t.equal(
    left.reduce((sum, [, count]) => sum + count, run),
    all,
    `${file}: nothing is left out unsaid`,
  )
  t.same(wrong, [], `${file}: all as they should be`)
}
