import type { Certificate, Crl } from './certificate.ts'
import { CryptoError } from './errors.ts'

/** What a certificate is to be used for. */
export type CertificateUsage = 'client-auth' | 'server-auth'

const USAGE_OID: Readonly<Record<CertificateUsage, string>> = {
  'server-auth': '1.3.6.1.5.5.7.3.1',
  'client-auth': '1.3.6.1.5.5.7.3.2',
}

/** What `verifyChain` judges by. */
export interface ChainPolicy {
  /** The moment at which the chain must hold: now, or the witnessed time of an act. */
  readonly at: Date
  readonly usage: CertificateUsage
  readonly crls: readonly Crl[]
  /**
   * The moment at which revocation lists must be in force, when that is not `at`: for judging an old act by lists of
   * today. They refuse what was revoked by `at`, and not what was revoked only later. Earlier than `at` is `at`.
   */
  readonly listsAt?: Date
  /** There is no "if available": without a list in force, the chain is refused. */
  readonly revocation: 'required'
}

/** A chain that holds: the anchor it ends at, and the lists that said so (their hashes go to the log). */
export interface VerifiedChain {
  readonly anchor: Certificate
  readonly crls: readonly Crl[]
}

/** Longest chain, anchor excluded. */
const CHAIN_MAX = 5

/**
 * Verifies a chain (RFC 5280 §6.1, the parts that authorities of health cards use), leaf first, up to one of the
 * anchors, which are trusted as they are given and may be left out of `chain`.
 *
 * For each certificate: signature by the next, dates, no unknown critical extension, not on its issuer's list; the list
 * signed by that issuer and in force at `at`. For each issuer: an authority, path length, key usages. For the leaf: not
 * an authority, digital signature, the usage asked for.
 *
 * Throws `CryptoError` `certificate-expired`, `certificate-not-yet-valid`, `certificate-untrusted`,
 * `certificate-usage`, `certificate-revoked`, `crl-missing`, `crl-stale`.
 */
export async function verifyChain(
  chain: readonly Certificate[],
  anchors: readonly Certificate[],
  policy: ChainPolicy,
): Promise<VerifiedChain> {
  const [leaf] = chain
  if (leaf === undefined || chain.length > CHAIN_MAX) {
    throw untrusted(`A chain has 1 to ${CHAIN_MAX} certificates, this one ${chain.length}`)
  }
  checkLeaf(leaf, policy.usage)

  const crls = new Set<Crl>()
  let certificate = leaf
  for (let above = 0; ; above++) {
    checkCertificate(certificate, policy.at)
    const anchor = await findIssuer(certificate, anchors)
    const issuer = anchor ?? chain[above + 1]
    if (issuer === undefined || !(anchor || (await isIssuer(certificate, issuer)))) {
      throw untrusted('The certificate’s issuer is not among the trusted authorities')
    }
    checkAuthority(issuer, above)
    crls.add(await checkRevocation(certificate, issuer, policy))
    if (anchor !== null) {
      // What is sent above the last link must be the anchor itself, or it was never part of the proof.
      if (chain.slice(above + 1).some((extra, i) => i > 0 || !extra.equals(anchor))) {
        throw untrusted('The chain goes on after the trusted authority')
      }
      checkCertificate(anchor, policy.at)
      return { anchor, crls: [...crls] }
    }
    certificate = issuer
  }
}

function checkLeaf(leaf: Certificate, usage: CertificateUsage): void {
  if (leaf.authority !== null || !leaf.keyUsage.has('digitalSignature')) {
    throw new CryptoError('This certificate is not for signing in: an authority’s, or without digital signature', {
      code: 'certificate-usage',
    })
  }
  if (!leaf.extendedKeyUsage.has(USAGE_OID[usage])) {
    throw new CryptoError(`This certificate is not made for ${usage}`, { code: 'certificate-usage' })
  }
}

function checkCertificate(certificate: Certificate, at: Date): void {
  if (certificate.unknownCritical.length > 0) {
    throw untrusted(`Critical extension not understood: ${certificate.unknownCritical.join(', ')}`)
  }
  if (at < certificate.notBefore) {
    throw new CryptoError(`The certificate is valid from ${certificate.notBefore.toISOString()} on`, {
      code: 'certificate-not-yet-valid',
    })
  }
  if (at > certificate.notAfter) {
    throw new CryptoError(`The certificate was valid until ${certificate.notAfter.toISOString()}: have it renewed`, {
      code: 'certificate-expired',
    })
  }
}

async function isIssuer(certificate: Certificate, issuer: Certificate): Promise<boolean> {
  return certificate.names(issuer) && (await certificate.isSignedBy(issuer))
}

async function findIssuer(certificate: Certificate, anchors: readonly Certificate[]): Promise<Certificate | null> {
  for (const anchor of anchors) if (await isIssuer(certificate, anchor)) return anchor
  return null
}

/** `below`: how many authorities lie between this one and the leaf. */
function checkAuthority(issuer: Certificate, below: number): void {
  const { authority } = issuer
  if (authority === null || !issuer.keyUsage.has('keyCertSign')) throw untrusted('The issuer is not an authority')
  if (authority.pathLength !== null && below > authority.pathLength) {
    throw untrusted('More authorities in the chain than one of them allows')
  }
}

async function checkRevocation(certificate: Certificate, issuer: Certificate, policy: ChainPolicy): Promise<Crl> {
  const { at, crls } = policy
  const listsAt = policy.listsAt !== undefined && policy.listsAt > at ? policy.listsAt : at
  if (!issuer.keyUsage.has('cRLSign')) {
    throw new CryptoError('The certificate’s issuer may not sign revocation lists', { code: 'crl-missing' })
  }
  let inForce: Crl | null = null
  let seen = false
  for (const crl of crls) {
    if (!certificate.isCoveredBy(crl) || !(await issuer.signed(crl))) continue
    seen = true
    const revokedAt = crl.revokedAt(certificate)
    const covers = crl.thisUpdate <= listsAt && listsAt <= crl.nextUpdate
    // A list of another time still proves a revocation that happened before.
    if (revokedAt !== null && (revokedAt <= at || (covers && listsAt <= at))) {
      throw new CryptoError(`The certificate was revoked on ${revokedAt.toISOString()}`, {
        code: 'certificate-revoked',
      })
    }
    if (covers && (inForce === null || crl.thisUpdate > inForce.thisUpdate)) inForce = crl
  }
  if (inForce !== null) return inForce
  throw seen
    ? new CryptoError('The issuer’s revocation list is not in force at that time: fetch the current one', {
        code: 'crl-stale',
      })
    : new CryptoError('No revocation list of the certificate’s issuer: fetch it', { code: 'crl-missing' })
}

function untrusted(message: string): CryptoError {
  return new CryptoError(message, { code: 'certificate-untrusted' })
}
