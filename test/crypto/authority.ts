import 'reflect-metadata' // @peculiar/x509 needs it loaded first
import {
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  Extension,
  type JsonName,
  KeyUsageFlags,
  KeyUsagesExtension,
  X509CertificateGenerator,
  X509CrlGenerator,
} from '@peculiar/x509'
import { type Certificate, type Crl, parseCertificate, parseCrl } from '../../src/crypto/x509.ts'

// Certificates and lists of every kind, good and bad, for the tests of certificates.

export { KeyUsageFlags }

const DAY_MS = 24 * 60 * 60 * 1000
export const NOW = new Date('2026-11-24T08:00:00Z')
export const day = (n: number) => new Date(NOW.getTime() + n * DAY_MS)

export const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2'
export const SERVER_AUTH = '1.3.6.1.5.5.7.3.1'

const ALGORITHMS = {
  'p-256': { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
  'p-521': { name: 'ECDSA', namedCurve: 'P-521', hash: 'SHA-512' },
  'rsa-2048': rsa(2048),
  'rsa-1024': rsa(1024),
  'rsa-sha-1': { ...rsa(2048), hash: 'SHA-1' },
  ed25519: { name: 'Ed25519' },
} as const
export type Kind = keyof typeof ALGORITHMS

function rsa(modulusLength: number) {
  return { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', modulusLength, publicExponent: new Uint8Array([1, 0, 1]) }
}

export interface Issued {
  readonly certificate: Certificate
  readonly keys: CryptoKeyPair
  readonly kind: Kind
  readonly name: JsonName
}

export interface Wish {
  readonly name?: JsonName
  readonly kind?: Kind
  readonly by?: Issued
  readonly from?: Date
  readonly to?: Date
  /** Path length of an authority, `null` for no limit; `undefined`: not an authority. */
  readonly authority?: number | null
  /** `KeyUsageFlags`, or null to leave the extension out. */
  readonly usage?: number | null
  readonly extended?: readonly string[]
  readonly critical?: string
  /** Another pair than a new one; `kind` is then only what an issuer signs with. */
  readonly keys?: CryptoKeyPair
}

const AUTHORITY_USAGE = KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign
let serial = 1

/** A certificate as wished: a leaf for client authentication unless told otherwise. */
export async function issue(wish: Wish = {}): Promise<Issued> {
  const { kind = 'p-256', name = [{ C: ['FR'] }, { CN: [`test ${serial}`] }], authority, by } = wish
  const keys =
    wish.keys ?? ((await crypto.subtle.generateKey(ALGORITHMS[kind], true, ['sign', 'verify'])) as CryptoKeyPair)
  const usage =
    wish.usage === undefined ? (authority === undefined ? KeyUsageFlags.digitalSignature : AUTHORITY_USAGE) : wish.usage
  const extended = wish.extended ?? (authority === undefined ? [CLIENT_AUTH] : [])
  const certificate = await X509CertificateGenerator.create({
    serialNumber: (0x4000 + serial++).toString(16),
    subject: name,
    issuer: by?.name ?? name,
    notBefore: wish.from ?? day(-10),
    notAfter: wish.to ?? day(10),
    publicKey: keys.publicKey,
    signingKey: by?.keys.privateKey ?? keys.privateKey,
    signingAlgorithm: ALGORITHMS[by?.kind ?? kind],
    extensions: [
      new BasicConstraintsExtension(authority !== undefined, authority ?? undefined, true),
      ...(usage === null ? [] : [new KeyUsagesExtension(usage, true)]),
      ...(extended.length > 0 ? [new ExtendedKeyUsageExtension([...extended])] : []),
      ...(wish.critical === undefined ? [] : [new Extension(wish.critical, true, new Uint8Array([5, 0]))]),
    ],
  })
  return { certificate: parseCertificate(new Uint8Array(certificate.rawData)), keys, kind, name }
}

/** A revocation list of an issuer. */
export async function list(
  by: Issued,
  wish: {
    readonly revoked?: readonly (readonly [Issued, Date])[]
    readonly from?: Date
    readonly to?: Date | null
    readonly name?: JsonName
    readonly critical?: string
  } = {},
): Promise<Crl> {
  return parseCrl(await listDer(by, wish))
}

/** The DER of `list`. */
export async function listDer(by: Issued, wish: Parameters<typeof list>[1] = {}): Promise<Uint8Array> {
  const { revoked = [], from = day(-1), to = day(1), name = by.name, critical } = wish
  const crl = await X509CrlGenerator.create({
    issuer: name,
    thisUpdate: from,
    ...(to === null ? {} : { nextUpdate: to }),
    signingAlgorithm: ALGORITHMS[by.kind],
    signingKey: by.keys.privateKey,
    entries: revoked.map(([{ certificate }, at]) => ({ serialNumber: certificate.serialNumber, revocationDate: at })),
    extensions: critical === undefined ? [] : [new Extension(critical, true, new Uint8Array([5, 0]))],
  })
  return new Uint8Array(crl.rawData)
}
