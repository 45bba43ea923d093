import type { X509Certificate } from 'node:crypto'
import type { TLSSocket } from 'node:tls'
import { CryptoError } from '../crypto/errors.ts'
import {
  type Certificate,
  type CertificateIdentity,
  type Crl,
  identityOf,
  parseCertificate,
  verifyChain,
} from '../crypto/x509.ts'
import { Refusal } from '../vault/errors.ts'

/** How long the check of an open connection's certificate holds, milliseconds; then revocation is looked at again. */
const RECHECK_MS = 60_000

/** A chain longer than that is not read. */
const CHAIN_MAX = 5

/** What a refused card is told, by the code of the check that failed. */
const REASONS: Readonly<Record<string, string>> = {
  'certificate-expired': 'The card’s certificate has expired',
  'certificate-not-yet-valid': 'The card’s certificate is not valid yet',
  'certificate-untrusted': 'The card’s certificate comes from an authority that is not trusted here',
  'certificate-usage': 'The card’s certificate is not one for authentication',
  'certificate-revoked': 'The card’s certificate was revoked',
  'certificate-identity': 'The certificate names neither a professional nor an establishment',
  'crl-stale': 'The revocation list of the card’s authority is out of date; the operator must fetch it',
  'crl-missing': 'The revocation list of the card’s authority is missing; the operator must fetch it',
}

/** What cards are judged by, as it is now. */
export interface CardTrust {
  readonly cardAuthorities: readonly Certificate[]
  readonly crls: readonly Crl[]
}

/**
 * Who holds the card behind a connection. TLS has proved the key; this checks the chain, its dates, its usage and the
 * revocation lists, by the deployment's clock.
 */
export class CardGate {
  readonly #trust: () => CardTrust
  readonly #clock: () => Date
  readonly #checked = new WeakMap<
    TLSSocket,
    { readonly until: number; readonly holder: Promise<CertificateIdentity> }
  >()

  constructor(options: { trust: () => CardTrust; clock: () => Date }) {
    this.#trust = options.trust
    this.#clock = options.clock
  }

  /** The holder. Throws `certificate-refused`. */
  holderOf(socket: TLSSocket): Promise<CertificateIdentity> {
    const now = this.#clock().getTime()
    const known = this.#checked.get(socket)
    if (known !== undefined && now < known.until && now >= known.until - RECHECK_MS) return known.holder
    const holder = this.#check(socket)
    this.#checked.set(socket, { until: now + RECHECK_MS, holder })
    return holder
  }

  async #check(socket: TLSSocket): Promise<CertificateIdentity> {
    try {
      const chain = chainOf(socket)
      const { cardAuthorities, crls } = this.#trust()
      await verifyChain(chain, cardAuthorities, {
        at: this.#clock(),
        usage: 'client-auth',
        crls,
        revocation: 'required',
      })
      const [leaf] = chain
      if (leaf === undefined) throw new Refusal('certificate-refused', 'The connection shows no certificate')
      return identityOf(leaf)
    } catch (error) {
      if (!CryptoError.is(error)) throw error
      throw new Refusal('certificate-refused', REASONS[error.code] ?? '', { cause: error })
    }
  }
}

/** The certificates the client sent, leaf first, roots left out. */
function chainOf(socket: TLSSocket): Certificate[] {
  const chain: Certificate[] = []
  let next: X509Certificate | undefined = socket.getPeerX509Certificate()
  while (next !== undefined && chain.length < CHAIN_MAX) {
    const isRoot = chain.length > 0 && next.subject === next.issuer
    if (!isRoot) chain.push(parseCertificate(new Uint8Array(next.raw)))
    next = isRoot || next.issuerCertificate === next ? undefined : next.issuerCertificate
  }
  return chain
}
