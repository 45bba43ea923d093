import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The JSON of a published vector file below `test/vectors`; its form is the test's to know. */
export function readVectors<T>(path: string): T {
  return JSON.parse(readFileSync(join(import.meta.dirname, '../vectors', path), 'utf8')) as T
}

/** A Wycheproof file: groups of tests, each with its verdict. */
export interface Wycheproof<Group, Test> {
  readonly numberOfTests: number
  readonly testGroups: readonly (Group & { readonly tests: readonly (Test & WycheproofTest)[] })[]
}

export interface WycheproofTest {
  readonly tcId: number
  readonly comment: string
  readonly result: 'valid' | 'invalid' | 'acceptable'
  readonly flags: readonly string[]
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
