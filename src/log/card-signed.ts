/** What a professional's or an establishment's card signed: the certificates are beside the signature (`x5c`). */
import { parseStatement } from '../crypto/statement.ts'
import {
  type Certificate,
  type CertificateIdentity,
  type Crl,
  identityOf,
  parseCertificate,
  type VerifiedChain,
  verifyChain,
} from '../crypto/x509.ts'
import { demand } from './verified.ts'

/** What a card is judged by. */
export interface CardContext {
  readonly cardAuthorities: readonly Certificate[]
  readonly crls: readonly Crl[]
  /** The moment at which card and lists must hold. */
  readonly at: Date
  /** Lists of this later moment will do as well (`ChainPolicy.listsAt`): an old act, judged by lists of today. */
  readonly listsAt?: Date
}

/** Algorithms that cards sign with. */
export const CARD_ALGORITHMS = ['RS256', 'PS256', 'ES256'] as const

/** A card as a statement's first signature shows it: nothing of it is verified. */
export interface ShownCard {
  readonly leaf: Certificate
  readonly certificates: readonly Certificate[]
  readonly holder: CertificateIdentity
}

/** Throws `CryptoError` on certificates that are none, `LogError` `key-certificate` (no chain). */
export function shownCard(text: string): ShownCard {
  const x5c = parseStatement(text).signatures[0]?.header.x5c
  demand(x5c !== undefined, 'key-certificate', 'The statement’s first signature carries no card certificate')
  const certificates = x5c.map(certificate => parseCertificate(certificate))
  const [leaf] = certificates as [Certificate]
  return { leaf, certificates, holder: identityOf(leaf) }
}

/** Throws `CryptoError` (codes of `verifyChain`) unless the card held at that moment. */
export function checkCard({ certificates }: ShownCard, context: CardContext): Promise<VerifiedChain> {
  const { at, cardAuthorities, crls, listsAt } = context
  return verifyChain(certificates, cardAuthorities, {
    at,
    usage: 'client-auth',
    crls,
    revocation: 'required',
    ...(listsAt === undefined ? {} : { listsAt }),
  })
}
