/** What a file of `test/vectors/coffre` holds, and what its makers share. */
import { type Bytes, fromHex, toBase64url, toHex, utf8 } from '../../src/crypto/bytes.ts'
import { hkdfSha256 } from '../../src/crypto/hash.ts'

export type Json = string | number | boolean | null | readonly Json[] | { readonly [member: string]: Json }
export type Members = { readonly [member: string]: Json }

/** One case. A reader with `given` (and the file's `shared`) gets `opens`, or refuses with the code `refused`. */
export interface VectorCase {
  readonly name: string
  /** What a writer needs beside `opens` to make `given`: the bytes it draws at random, and secrets. */
  readonly writer?: Members
  readonly given: Members
  readonly opens?: Members
  readonly refused?: string
}

/** A format with its vectors: how they are made, and how the public code opens them. */
export interface Format {
  /** Name of the file, without `.json`. */
  readonly file: string
  /** Page of docs/protocol. */
  readonly page: string
  readonly about: string
  /** What all cases are given. */
  shared?(): Promise<Members>
  cases(): Promise<readonly VectorCase[]>
  /** Opens or verifies one case with the public code: gives `opens`, or throws an error with the code. */
  open(given: Members, shared: Members): Promise<Members> | Members
}

/** Bytes drawn once and for all: the same name gives the same bytes. */
export function draw(name: string, length: number): Bytes {
  return hkdfSha256({ ikm: utf8('vectors of Coffre'), salt: new Uint8Array(0), info: utf8(name), length })
}

export const hex = (bytes: Bytes): string => toHex(bytes)
export const text64 = (bytes: Bytes): string => toBase64url(bytes)

/** A member that is bytes in hexadecimal. */
export const bytesOf = (given: Members, member: string): Bytes => fromHex(textOf(given, member))

export function textOf(given: Members, member: string): string {
  const value = given[member]
  if (typeof value !== 'string') throw new Error(`${member} is no text`)
  return value
}

export function numberOf(given: Members, member: string): number {
  const value = given[member]
  if (typeof value !== 'number') throw new Error(`${member} is no number`)
  return value
}

/** A member handed to code that checks its form itself. */
export const anyOf = <T>(given: Members, member: string): T => given[member] as T

/** An error by which a case's opener refuses where the project's code says it by a value. */
export class Refused extends Error {
  readonly code: string

  constructor(code: string) {
    super(code)
    this.code = code
  }
}

/** Hexadecimal with one bit of one byte changed; a negative place counts from the end. */
export function flippedHex(text: string, at: number): string {
  const bytes = fromHex(text).slice()
  const index = at < 0 ? bytes.length + at : at
  bytes[index] = (bytes[index] ?? 0) ^ 1
  return toHex(bytes)
}

/** A refused case made from a good one. */
export function refused(name: string, code: string, good: VectorCase, changes: Members): VectorCase {
  return { name, given: { ...good.given, ...changes }, refused: code }
}

/** The value computed at the first call. */
export function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}
