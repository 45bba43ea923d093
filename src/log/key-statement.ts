import { fromBase64url } from '../crypto/bytes.ts'
import { VerifyKey } from '../crypto/sign.ts'
import type { Certificate, CertificateIdentity, VerifiedChain } from '../crypto/x509.ts'
import type { DeploymentId } from '../protocol/ids.ts'
import { KeyStatement, StatementTyp } from '../protocol/statements.ts'
import { CARD_ALGORITHMS, type CardContext, checkCard, shownCard } from './card-signed.ts'
import { demand, peek, type Verified, verifyAs } from './verified.ts'

const kind = { typ: StatementTyp.key, schema: KeyStatement } as const

/** What a key statement is judged by; it must hold at the same moment as its card. */
export interface KeyContext extends CardContext {
  readonly deployment: DeploymentId
}

/** A card holder's working keys, with the card that vouches for them. */
export interface VerifiedKey extends Verified<KeyStatement> {
  readonly holder: CertificateIdentity
  readonly chain: VerifiedChain
  readonly verifyKey: VerifyKey
}

/**
 * Verifies a key statement (docs/protocol/key-statement.md): signed by a card whose chain holds at `at`, then by its own key.
 * Throws `CryptoError` on signatures and certificates (codes of `verifyChain`), `LogError` `statement-form`,
 * `key-certificate` (no chain), `key-holder` (statement and card name different holders), `key-time` (not yet or no
 * longer valid, or outliving the card), `key-id`.
 */
export async function verifyKeyStatement(text: string, context: KeyContext): Promise<VerifiedKey> {
  const claimed = peek(text, kind)
  const card = shownCard(text)
  const { leaf, holder } = card
  const verified = await verifyAs(text, {
    ...kind,
    algorithms: [CARD_ALGORITHMS, 'Ed25519'],
    keys: [leaf.publicKey, VerifyKey.parse(fromBase64url(claimed.signKey))],
  })
  const { payload } = verified
  demand(verified.headers[1]?.kid === 'self', 'key-id', 'The key statement’s second signature does not name itself')
  demand(payload.deployment === context.deployment, 'key-holder', 'The key statement was made for another deployment')
  demand(
    holder.kind === payload.kind && holder.id === payload.nationalId,
    'key-holder',
    'The key statement names another holder than its card',
  )
  checkTime(payload, leaf, context.at)
  const held = await checkCard(card, context)
  return { ...verified, holder, chain: held, verifyKey: VerifyKey.parse(fromBase64url(payload.signKey)) }
}

function checkTime({ notBefore, notAfter }: KeyStatement, card: Certificate, at: Date): void {
  const [from, until, now] = [Date.parse(notBefore), Date.parse(notAfter), at.getTime()]
  demand(from <= now && now < until, 'key-time', 'The working keys are not valid at this time; publish new ones')
  demand(until <= card.notAfter.getTime(), 'key-time', 'The working keys would outlive their card')
}

/** The holder as the card names it, for people to read. */
export function holderName(holder: CertificateIdentity): string {
  return holder.kind === 'professional' ? `${holder.givenName} ${holder.surname}` : holder.name
}
