/** Orders to have events forgotten (docs/protocol/erasure.md): the right to it comes from the anchors, never from the host. */
import { fromBase64url } from '../crypto/bytes.ts'
import { type SigningKey, VerifyKey } from '../crypto/sign.ts'
import { ed25519Signer, signStatement } from '../crypto/statement.ts'
import type { Anchors } from '../protocol/anchors.ts'
import { Erasure, StatementTyp } from '../protocol/statements.ts'
import { demand, type Verified, verifyAs } from './verified.ts'

/** The authority's name in an order's header. */
const ERASURE_KEY_ID = 'erasure'

const DAY_MS = 86_400_000

/** An order, signed by the authority. */
export function signErasure(order: Erasure, key: SigningKey): Promise<string> {
  return signStatement(StatementTyp.erasure, order, ed25519Signer(key, ERASURE_KEY_ID))
}

/**
 * Verifies an order from the authority's key on. Throws `CryptoError` when the signature or its header is wrong, `LogError`
 * otherwise: `erasure-authority` (the anchors name none), `statement-form`, `erasure-key-id`, `erasure-deployment`,
 * `erasure-range`.
 */
export async function verifyErasure(
  text: string,
  { erasure, deployment }: Pick<Anchors, 'erasure' | 'deployment'>,
): Promise<Verified<Erasure>> {
  demand(erasure !== undefined, 'erasure-authority', 'The anchors name nobody who may have events erased')
  const order = await verifyAs(text, {
    typ: StatementTyp.erasure,
    schema: Erasure,
    algorithms: ['Ed25519'],
    keys: [VerifyKey.parse(fromBase64url(erasure.key))],
  })
  const { payload, headers } = order
  demand(headers[0]?.kid === ERASURE_KEY_ID, 'erasure-key-id', 'This order does not name the authority’s key')
  demand(payload.deployment === deployment, 'erasure-deployment', 'This order is for another installation')
  demand(payload.from < payload.to, 'erasure-range', 'This order is for no entry')
  return order
}

/**
 * Was the term over? `witnessedAt`: when witnesses had first seen the last of the entries, `erasedAt` when they were
 * erased, both POSIX milliseconds.
 */
export function isTermOver(
  { erasure }: Pick<Anchors, 'erasure'>,
  { witnessedAt, erasedAt }: { readonly witnessedAt: number; readonly erasedAt: number },
): boolean {
  return erasure !== undefined && erasedAt - witnessedAt >= erasure.afterDays * DAY_MS
}
