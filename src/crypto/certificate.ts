import 'reflect-metadata' // @peculiar/x509 needs it loaded first
import {
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  type Name,
  X509Certificate,
  X509Crl,
} from '@peculiar/x509'
import { type Bytes, equal, fromBase64, toHex } from './bytes.ts'
import { isOneSigned } from './der.ts'
import { CryptoError } from './errors.ts'
import { sha256 } from './hash.ts'

// Certificates and revocation lists as read (RFC 5280). The only file that imports @peculiar/x509. Whom to believe is
// decided in `certificate-chain.ts`, who is meant in `certificate-identity.ts`; others import all of it from `x509.ts`.

/** Largest certificate read, in bytes. */
const CERTIFICATE_MAX_BYTES = 16 * 1024
/** Largest revocation list read, in bytes: the national ones have some 10^5 entries. */
const CRL_MAX_BYTES = 32 * 1024 * 1024

/** One attribute of a name; `type` is `C`, `T`, `CN`, `SN`, `GN`, `O`, `OU`, `ST`, `L`, … or an OID. */
export interface NameAttribute {
  readonly type: string
  readonly value: string
}

/** A relative distinguished name: a *set* of attributes, in no meaningful order. */
export type RelativeName = readonly NameAttribute[]

/** Key usages (RFC 5280 §4.2.1.3) that matter here. */
export type KeyUsage = 'digitalSignature' | 'nonRepudiation' | 'keyCertSign' | 'cRLSign'

/** Signature algorithms whose strength is accepted in a chain: SHA-256 or better; RSA from 2,048 bits, P-256, P-384, Ed25519. */
function isStrong(algorithm: { name: string; hash?: { name: string } }): boolean {
  if (algorithm.name === 'Ed25519') return true
  return (
    ['RSASSA-PKCS1-v1_5', 'RSA-PSS', 'ECDSA'].includes(algorithm.name) &&
    ['SHA-256', 'SHA-384', 'SHA-512'].includes(algorithm.hash?.name ?? '')
  )
}

/** The public key of a certificate, for verifying statements (`statement.ts`). */
export class CertificateKey {
  /** Statement algorithms this key can be used with; empty for a kind or size of key that statements do not take. */
  readonly algorithms: readonly string[]
  readonly #export: (algorithm: 'RS256' | 'PS256' | 'ES256') => Promise<CryptoKey>
  readonly #keys = new Map<string, Promise<CryptoKey>>()

  private constructor(
    algorithms: readonly string[],
    exporter: (algorithm: 'RS256' | 'PS256' | 'ES256') => Promise<CryptoKey>,
  ) {
    this.algorithms = algorithms
    this.#export = exporter
  }

  /** The key in a certificate. For `Certificate` only. */
  static of(certificate: X509Certificate): CertificateKey {
    const { publicKey } = certificate
    const kind = publicKey.algorithm as { name: string; modulusLength?: number; namedCurve?: string }
    const isRsa = kind.name.startsWith('RSA') && (kind.modulusLength ?? 0) >= 2048
    const isP256 = kind.name === 'ECDSA' && kind.namedCurve === 'P-256'
    const algorithms = isRsa ? ['RS256', 'PS256'] : isP256 ? ['ES256'] : []
    const parameters = {
      RS256: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
      PS256: { name: 'RSA-PSS', hash: 'SHA-256' },
      ES256: { name: 'ECDSA', namedCurve: 'P-256' },
    }
    return new CertificateKey(algorithms, name =>
      globalThis.crypto.subtle.importKey('spki', publicKey.rawData, parameters[name], false, ['verify']),
    )
  }

  /** The platform's key object for one of `algorithms`. For `statement.ts` only. */
  cryptoKey(algorithm: 'RS256' | 'PS256' | 'ES256'): Promise<CryptoKey> {
    let key = this.#keys.get(algorithm)
    if (key === undefined) {
      key = this.#export(algorithm)
      this.#keys.set(algorithm, key)
    }
    return key
  }
}

/** A certificate as read: nothing is verified by reading it. */
export class Certificate {
  readonly #parsed: X509Certificate
  /** The bytes it was read from. */
  readonly der: Bytes
  /** SHA-256 of `der`, hexadecimal. */
  readonly fingerprint: string
  readonly subject: readonly RelativeName[]
  readonly issuer: readonly RelativeName[]
  /** Hexadecimal. */
  readonly serialNumber: string
  readonly notBefore: Date
  readonly notAfter: Date
  /** Empty when the extension is absent. */
  readonly keyUsage: ReadonlySet<KeyUsage>
  /** OIDs; empty when the extension is absent. */
  readonly extendedKeyUsage: ReadonlySet<string>
  /** Whether it may issue certificates, and how many more authorities may follow (`null`: no limit). */
  readonly authority: { readonly pathLength: number | null } | null
  /** OIDs of critical extensions that are not understood here: RFC 5280 §4.2 wants such a certificate refused. */
  readonly unknownCritical: readonly string[]
  readonly publicKey: CertificateKey

  private constructor(der: Bytes) {
    const parsed = new X509Certificate(der as Uint8Array<ArrayBuffer>)
    this.#parsed = parsed
    this.der = der
    this.fingerprint = toHex(sha256(der))
    this.subject = relativeNames(parsed.subjectName)
    this.issuer = relativeNames(parsed.issuerName)
    this.serialNumber = parsed.serialNumber
    this.notBefore = parsed.notBefore
    this.notAfter = parsed.notAfter
    const usages = parsed.getExtension(KeyUsagesExtension)?.usages ?? 0
    this.keyUsage = new Set(USAGES.filter(usage => (usages & KeyUsageFlags[usage]) !== 0))
    this.extendedKeyUsage = new Set((parsed.getExtension(ExtendedKeyUsageExtension)?.usages ?? []).map(String))
    const constraints = parsed.getExtension(BasicConstraintsExtension)
    this.authority = constraints?.ca ? { pathLength: constraints.pathLength ?? null } : null
    this.unknownCritical = parsed.extensions.filter(e => e.critical && !UNDERSTOOD.has(e.type)).map(e => e.type)
    this.publicKey = CertificateKey.of(parsed)
  }

  /** Reads DER. See `parseCertificate`. */
  static parse(der: Bytes): Certificate {
    checkDer(der, CERTIFICATE_MAX_BYTES, 'certificate-malformed')
    const name = toHex(sha256(der))
    const known = lately.get(name)
    if (known !== undefined) return known
    try {
      const certificate = new Certificate(new Uint8Array(der))
      if (lately.size >= LATELY) lately.clear()
      lately.set(name, certificate)
      return certificate
    } catch (cause) {
      throw new CryptoError('Not an X.509 certificate', { code: 'certificate-malformed', cause })
    }
  }

  /** Whether these are the same bytes. */
  equals(other: Certificate): boolean {
    return equal(this.der, other.der)
  }

  /** Whether `issuer` has the name in this certificate's issuer field. */
  names(issuer: Certificate): boolean {
    return sameName(this.#parsed.issuerName, issuer.#parsed.subjectName)
  }

  /** Whether `issuer`'s key made the signature, with an algorithm and size that are strong enough. */
  async isSignedBy(issuer: Certificate): Promise<boolean> {
    if (!isStrong(this.#parsed.signatureAlgorithm) || !issuer.isStrongKey) return false
    return this.#parsed.verify({ publicKey: issuer.#parsed.publicKey, signatureOnly: true }).catch(() => false)
  }

  /** Whether the key is of a kind and size that may sign certificates and lists. */
  get isStrongKey(): boolean {
    const { name, modulusLength, namedCurve } = this.#parsed.publicKey.algorithm as {
      name: string
      modulusLength?: number
      namedCurve?: string
    }
    if (name.startsWith('RSA')) return (modulusLength ?? 0) >= 2048
    return name === 'Ed25519' || (name === 'ECDSA' && (namedCurve === 'P-256' || namedCurve === 'P-384'))
  }

  /** Whether this certificate's authority issued and signed the list. */
  async signed(crl: Crl): Promise<boolean> {
    return crl.isSignedBy(this, this.#parsed)
  }

  /** Whether the list speaks for the authority that issued this certificate. */
  isCoveredBy(crl: Crl): boolean {
    return crl.isIssuedBy(this.#parsed.issuerName)
  }
}

/** Read lately, by the hash of its bytes: reading one takes a millisecond, and an authority's comes with each card. */
const lately = new Map<string, Certificate>()
const LATELY = 256

const USAGES: readonly KeyUsage[] = ['digitalSignature', 'nonRepudiation', 'keyCertSign', 'cRLSign']

/**
 * Critical extensions understood: key usage, subject alternative name (not used to decide), basic constraints,
 * certificate policies (any policy will do; who is trusted is settled by the anchors), extended key usage.
 */
const UNDERSTOOD: ReadonlySet<string> = new Set(['2.5.29.15', '2.5.29.17', '2.5.29.19', '2.5.29.32', '2.5.29.37'])

/** A certificate revocation list as read (RFC 5280 §5). */
export class Crl {
  readonly #parsed: X509Crl
  readonly #signers = new Map<string, Promise<boolean>>()
  readonly #revoked: ReadonlyMap<string, Date>
  readonly der: Bytes
  /** SHA-256 of `der`: what the log names it by. */
  readonly hash: Bytes
  readonly thisUpdate: Date
  /** After this moment the list is stale. */
  readonly nextUpdate: Date

  private constructor(der: Bytes) {
    const parsed = new X509Crl(der as Uint8Array<ArrayBuffer>)
    if (parsed.nextUpdate === undefined) throw new Error('no nextUpdate')
    // Critical extensions narrow what a list covers (issuing distribution point, delta, indirect lists): none is
    // understood, so none is accepted.
    if (parsed.extensions.some(e => e.critical)) throw new Error('critical extension')
    if (parsed.entries.some(entry => entry.extensions.some(e => e.critical)))
      throw new Error('critical entry extension')
    this.#parsed = parsed
    this.#revoked = new Map(parsed.entries.map(entry => [entry.serialNumber, entry.revocationDate]))
    this.der = der
    this.hash = sha256(der)
    this.thisUpdate = parsed.thisUpdate
    this.nextUpdate = parsed.nextUpdate
  }

  /** Reads DER. See `parseCrl`. */
  static parse(der: Bytes): Crl {
    checkDer(der, CRL_MAX_BYTES, 'crl-malformed')
    try {
      return new Crl(new Uint8Array(der))
    } catch (cause) {
      throw new CryptoError('Not a complete revocation list with a next update and no critical extension', {
        code: 'crl-malformed',
        cause,
      })
    }
  }

  /** When the certificate was revoked, `null` if the list does not name it. On hold counts as revoked. */
  revokedAt(certificate: Certificate): Date | null {
    return this.#revoked.get(certificate.serialNumber) ?? null
  }

  /** For `Certificate` only. */
  isIssuedBy(name: Name): boolean {
    return sameName(this.#parsed.issuerName, name)
  }

  /** For `Certificate` only. */
  isSignedBy(issuer: Certificate, parsed: X509Certificate): Promise<boolean> {
    let known = this.#signers.get(issuer.fingerprint)
    if (known === undefined) {
      known =
        this.isIssuedBy(parsed.subjectName) && isStrong(this.#parsed.signatureAlgorithm) && issuer.isStrongKey
          ? this.#parsed.verify({ publicKey: parsed.publicKey }).catch(() => false)
          : Promise.resolve(false)
      this.#signers.set(issuer.fingerprint, known)
    }
    return known
  }
}

/**
 * Reads a certificate: DER, or the base64 of DER as in `x5c`. Throws `CryptoError` `certificate-malformed` (also for
 * bytes after its end), or `base64-malformed`.
 */
export function parseCertificate(certificate: Bytes | string): Certificate {
  return Certificate.parse(typeof certificate === 'string' ? fromBase64(certificate) : certificate)
}

/** Reads a revocation list in DER. Throws `CryptoError` `crl-malformed`. */
export function parseCrl(der: Bytes): Crl {
  return Crl.parse(der)
}

function relativeNames(name: Name): RelativeName[] {
  return name
    .toJSON()
    .map(set =>
      Object.entries(set).flatMap(([type, values]) =>
        values.map(value => ({ type: type === 'G' ? 'GN' : type, value })),
      ),
    )
}

/** Names are compared byte for byte: stricter than RFC 5280 §7.1, and every authority copies its own name. */
function sameName(a: Name, b: Name): boolean {
  return equal(new Uint8Array(a.toArrayBuffer()), new Uint8Array(b.toArrayBuffer()))
}

/** What the library's reader forgives and no signature covers: see `der.ts`. */
function checkDer(der: Bytes, maximum: number, code: string): void {
  if (der.length > maximum || !isOneSigned(der)) {
    throw new CryptoError(`Not one signed DER sequence of at most ${maximum} bytes (${der.length} bytes were given)`, {
      code,
    })
  }
}
