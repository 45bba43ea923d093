import type { IncomingMessage } from 'node:http'
import { z } from 'zod'
import { type Bytes, concat, equal, fromUtf8 } from '../crypto/bytes.ts'
import { sha256 } from '../crypto/hash.ts'
import { Refusal } from '../vault/errors.ts'

/** A schema of `src/protocol`, as far as the API needs it. */
export interface Schema<T> {
  safeParse(
    value: unknown,
  ): { success: true; data: T } | { success: false; error: { issues: readonly { path: readonly PropertyKey[] }[] } }
}

/** Octets of at most so many bytes are taken and sent in one piece: nothing needs to wait for who reads them. */
export const SHORT_BODY = 64 * 1024

/** The body of a route that is told nothing but what its path says: `{}`. */
export const Nothing = z.strictObject({})

/** The declared length, null when the request has none. Throws `too-large`, `malformed`. */
export function declaredLength(request: IncomingMessage, limit: number): number | null {
  const text = request.headers['content-length']
  if (text === undefined) return null
  const length = Number(text)
  if (!Number.isSafeInteger(length) || length < 0) throw new Refusal('malformed', 'Content-Length is not a number')
  if (length > limit) throw tooLarge(limit)
  return length
}

/** The whole body, at most `limit` bytes. Throws `too-large`; `malformed` when the sender broke off. */
export async function readBody(request: IncomingMessage, limit: number): Promise<Bytes> {
  // Neither means that there is none (RFC 9112 §6.3): reading one to its end would cost more than the rest of a route.
  const isThere = declaredLength(request, limit) !== null || request.headers['transfer-encoding'] !== undefined
  if (!isThere) return new Uint8Array()
  const pieces: Bytes[] = []
  for await (const piece of boundedBody(request, limit)) pieces.push(piece)
  return concat(...pieces)
}

/** The body as it comes, not kept; stops at `limit` bytes with `too-large`. */
export async function* boundedBody(request: IncomingMessage, limit: number): AsyncGenerator<Bytes> {
  let length = 0
  try {
    for await (const piece of request as AsyncIterable<Buffer>) {
      length += piece.length
      if (length > limit) throw tooLarge(limit)
      yield piece
    }
  } catch (error) {
    if (error instanceof Refusal || request.complete) throw error
    throw new Refusal('malformed', 'The request broke off before its end', { cause: error })
  }
}

/** Throws `signature-invalid` unless these are the bytes whose digest was signed. */
export function checkDigest(body: Bytes, signed: Bytes): void {
  if (!equal(sha256(body), signed)) throw new Refusal('signature-invalid', 'The body is not the one that was signed')
}

/** A JSON body by its schema. Throws `malformed`, naming the member that is wrong and never its value. */
export function parseJson<T>(body: Bytes, schema: Schema<T>): T {
  let value: unknown
  try {
    value = JSON.parse(fromUtf8(body))
  } catch {
    throw new Refusal('malformed', 'The body is not JSON in UTF-8')
  }
  return parseAs(value, schema, 'body')
}

/** Any input by its schema. Throws `malformed`. */
export function parseAs<T>(value: unknown, schema: Schema<T>, where: string): T {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const [issue] = result.error.issues
  const path = [where, ...(issue?.path ?? []).map(part => knownMember(part))].join('.')
  throw new Refusal('malformed', `${path} has not the form that the protocol gives it`)
}

/** Member names are told only when they look like ours: what stands in a name's place can be anything. */
function knownMember(part: PropertyKey): string {
  const text = String(part)
  return /^[A-Za-z]{1,32}$|^\d{1,7}$/.test(text) ? text : '…'
}

function tooLarge(limit: number): Refusal {
  return new Refusal('too-large', `The body of this request is at most ${limit} bytes`)
}
