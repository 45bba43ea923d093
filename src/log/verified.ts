import type { z } from 'zod'
import { toBase64url } from '../crypto/bytes.ts'
import type { ParsedStatement, StatementHeader, StatementPolicy } from '../crypto/statement.ts'
import { parseStatement, verifyStatement } from '../crypto/statement.ts'
import type { Hash } from '../protocol/ids.ts'
import type { StatementTyp } from '../protocol/statements.ts'
import { LogError } from './errors.ts'

const made: unique symbol = Symbol('verified')
const claimed: unique symbol = Symbol('claimed')

/**
 * A statement whose signatures and form were checked. Only the `verify…` functions of this folder make one: code that
 * asks for a `Verified<Grant>` cannot be handed a text or a payload that nobody checked.
 */
export interface Verified<T> {
  readonly [made]: true
  /** The statement's whole text, as signed. */
  readonly text: string
  /** SHA-256 of `text`. */
  readonly hash: Hash
  readonly payload: T
  readonly headers: readonly StatementHeader[]
}

/** What `verifyAs` needs to know of a kind of statement. */
export interface StatementKind<T> extends StatementPolicy {
  readonly typ: StatementTyp
  readonly schema: z.ZodType<T>
}

/**
 * Verifies signatures, then form. For the `verify…` functions of this folder only; they add what the kind demands.
 * Throws `CryptoError` (signature, header) and `LogError` `statement-form`.
 */
export async function verifyAs<T>(statement: string | Claim<T>, kind: StatementKind<T>): Promise<Verified<T>> {
  const claim = typeof statement === 'string' ? null : statement
  const { payload, hash, headers } = await verifyStatement(claim?.statement ?? (statement as string), kind)
  const text = claim?.statement.text ?? (statement as string)
  const hasForm = claim !== null && claim.kind.schema === kind.schema
  const checked = hasForm ? claim.payload : parsed(payload, kind)
  return { [made]: true, text, hash: toBase64url(hash) as Hash, payload: checked, headers }
}

/**
 * A statement read once, its form checked and NOT its signatures: to find out which key should have signed, then to be
 * verified without being read again. Only `claimOf` makes one.
 */
export interface Claim<T> {
  readonly [claimed]: true
  readonly statement: ParsedStatement
  readonly kind: Pick<StatementKind<T>, 'typ' | 'schema'>
  readonly payload: T
}

/** Throws as `peek`. */
export function claimOf<T>(text: string, kind: Pick<StatementKind<T>, 'typ' | 'schema'>): Claim<T> {
  const statement = parseStatement(text)
  return { [claimed]: true, statement, kind, payload: parsed(statement.payload, kind) }
}

/**
 * Reads a payload that nobody verified: to find out which key should have signed, and for nothing else.
 * Throws `CryptoError` and `LogError` `statement-form`.
 */
export function peek<T>(text: string, kind: Pick<StatementKind<T>, 'typ' | 'schema'>): T {
  return parsed(parseStatement(text).payload, kind)
}

function parsed<T>(payload: unknown, { typ, schema }: Pick<StatementKind<T>, 'typ' | 'schema'>): T {
  const result = schema.safeParse(payload)
  if (result.success) return result.data
  const [issue] = result.error.issues
  throw new LogError(
    `This ${typ} has not the form it should: ${issue?.path.join('.') || 'payload'}: ${issue?.message}`,
    {
      code: 'statement-form',
    },
  )
}

/** Throws `LogError` with that code unless the condition holds. */
export function demand(condition: boolean, code: string, message: string): asserts condition {
  if (!condition) throw new LogError(message, { code })
}
