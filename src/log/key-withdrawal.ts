/** A card holder takes a working key back, before its term (docs/protocol/key-statement.md, "Withdrawal"). */
import type { VerifiedChain } from '../crypto/x509.ts'
import { KeyWithdrawal, StatementTyp } from '../protocol/statements.ts'
import { CARD_ALGORITHMS, checkCard, shownCard } from './card-signed.ts'
import type { KeyContext, VerifiedKey } from './key-statement.ts'
import { demand, peek, type Verified, verifyAs } from './verified.ts'

const kind = { typ: StatementTyp.withdrawal, schema: KeyWithdrawal } as const

/** From when on a published withdrawal counts, as it says of itself. */
export function withdrawnFrom(text: string): Date {
  return new Date(peek(text, kind).t)
}

/**
 * Verifies that a card of the key's own holder took it back; `at`: when card and lists must hold. The working key itself
 * has no say: it may be lost, or in somebody's hands. Throws `CryptoError` on signature and certificates, `LogError`
 * `statement-form`, `key-certificate` (no chain), `key-holder` (another deployment, holder or card), `withdrawal-key`
 * (of another key).
 */
export async function verifyKeyWithdrawal(
  text: string,
  context: KeyContext & {
    readonly key: Pick<VerifiedKey, 'hash'> & { readonly payload: Pick<VerifiedKey['payload'], 'kind' | 'nationalId'> }
  },
): Promise<Verified<KeyWithdrawal> & { readonly chain: VerifiedChain }> {
  const card = shownCard(text)
  const verified = await verifyAs(text, { ...kind, algorithms: [CARD_ALGORITHMS], keys: [card.leaf.publicKey] })
  const { payload } = verified
  const { key, deployment } = context
  demand(payload.deployment === deployment, 'key-holder', 'The withdrawal was made for another deployment')
  demand(payload.keyStatement === key.hash, 'withdrawal-key', 'The withdrawal is of another key')
  demand(
    card.holder.kind === key.payload.kind && card.holder.id === key.payload.nationalId,
    'key-holder',
    'The withdrawal is signed by another holder’s card than the key’s',
  )
  return { ...verified, chain: await checkCard(card, context) }
}
