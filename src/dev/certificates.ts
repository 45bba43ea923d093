import 'reflect-metadata' // @peculiar/x509 needs it loaded first
import { randomBytes } from 'node:crypto'
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  type JsonName,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
  X509Crl,
  X509CrlGenerator,
  X509CrlReason,
} from '@peculiar/x509'
import { type KeyKind, keyPem, makeKeys } from './key-pairs.ts'

// Makes the certificates of the development world, laid out as the national authorities of health cards lay theirs out
// (IGC-Santé): a root per assurance level, an intermediate for persons, one for organisations, revocation lists of both
// steps. Nothing here touches a disk; `authorities.ts` keeps the files.

/** The library's classes, through the file that loads what it needs first. */
export { X509Certificate, X509Crl }

/** A certificate and the key that stands behind it. */
export interface Issuer {
  readonly certificate: X509Certificate
  readonly privateKey: CryptoKey
}

/** A root and the intermediate under it that signs cards. */
export interface CardAuthority {
  readonly kind: CardAuthorityKind
  readonly root: Issuer
  readonly ca: Issuer
}
export type CardAuthorityKind = 'persons' | 'organisations'

/** A person's card: one multi-valued set {CN, SN, GN}, T, no organisation. */
export interface ProfessionalHolder {
  readonly kind: 'professional'
  /** `8` + RPPS (11 digits), or `0` + ADELI. */
  readonly id: string
  readonly surname: string
  readonly givenName: string
  /** T, as the authority writes it: `Médecin`, `Infirmier`, … */
  readonly profession: string
}

/** An organisation's certificate, or the director's card (CDE) when a director is named. */
export interface EstablishmentHolder {
  readonly kind: 'establishment'
  /** Structure id: `1` + FINESS (9 characters), `3` + SIRET, … */
  readonly id: string
  /** Legal name (O). */
  readonly name: string
  /** CN: the service, or the director's own number. */
  readonly service: string
  /** ST: `Rhône (69)`. */
  readonly department: string
  readonly director?: { readonly surname: string; readonly givenName: string }
}
export type Holder = ProfessionalHolder | EstablishmentHolder

/** From and to; `cards` live three years, the host's certificate 90 days, lists 7 days. */
export interface Validity {
  readonly notBefore: Date
  readonly notAfter: Date
}

const DAY_MS = 24 * 60 * 60 * 1000
/** How long each thing made here is valid, in days. */
export const LIFETIME_DAYS = { root: 3650, intermediate: 3649, card: 1095, server: 90, crl: 7 } as const

/** From five minutes before `at` (clocks differ) for a number of days. */
export function validityOf(at: Date, days: number): Validity {
  return { notBefore: new Date(at.getTime() - 5 * 60 * 1000), notAfter: new Date(at.getTime() + days * DAY_MS) }
}

const OID = { surname: '2.5.4.4', givenName: '2.5.4.42', title: '2.5.4.12' } as const

const LEVEL: Readonly<Record<CardAuthorityKind, string>> = { persons: 'FORT', organisations: 'ELEMENTAIRE' }

function authorityName(commonName: string): JsonName {
  return [{ C: ['FR'] }, { O: ['COFFRE DEVELOPPEMENT'] }, { OU: ['IGC-SANTE DEV'] }, { CN: [commonName] }]
}

/** A root and its intermediate, keys and all. */
export async function makeCardAuthority(
  kind: CardAuthorityKind,
  { at, rootKey = 'rsa-4096' }: { at: Date; rootKey?: KeyKind },
): Promise<CardAuthority> {
  const rootKeys = await makeKeys(rootKey)
  const root = { certificate: await issueRoot(kind, rootKeys, at), privateKey: rootKeys.privateKey }
  const { publicKey, privateKey } = await makeKeys('rsa-2048')
  return { kind, root, ca: { certificate: await issueIntermediate(kind, root, publicKey, at), privateKey } }
}

/** The authority of server certificates: one self-signed P-256 root. */
export async function makeServerAuthority({ at }: { at: Date }): Promise<Issuer> {
  const keys = await makeKeys('p-256')
  return { certificate: await issueRoot('servers', keys, at), privateKey: keys.privateKey }
}

/** The self-signed certificate of a root: `DEV AC RACINE IGC-SANTE FORT` for persons, `… ELEMENTAIRE` for organisations. */
export async function issueRoot(
  kind: CardAuthorityKind | 'servers',
  keys: CryptoKeyPair,
  at: Date,
): Promise<X509Certificate> {
  return X509CertificateGenerator.createSelfSigned({
    name: authorityName(kind === 'servers' ? 'DEV AC COFFRE SERVEURS' : `DEV AC RACINE IGC-SANTE ${LEVEL[kind]}`),
    keys,
    serialNumber: serialNumber(),
    ...validityOf(at, LIFETIME_DAYS.root),
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      authorityUsage(),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
}

/** The certificate of the intermediate that signs cards: `DEV AC IGC-SANTE FORT PERSONNES`, and the like. */
export async function issueIntermediate(
  kind: CardAuthorityKind,
  root: Issuer,
  publicKey: CryptoKey,
  at: Date,
): Promise<X509Certificate> {
  const noun = kind === 'persons' ? 'PERSONNES' : 'ORGANISATIONS'
  return issue(root, {
    subject: authorityName(`DEV AC IGC-SANTE ${LEVEL[kind]} ${noun}`),
    publicKey,
    validity: validityOf(at, LIFETIME_DAYS.intermediate),
    extensions: [new BasicConstraintsExtension(true, 0, true), authorityUsage()],
  })
}

/** Key usages of one that signs certificates and lists. */
function authorityUsage(): Extension {
  return new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true)
}

async function issue(
  issuer: Issuer,
  request: { subject: JsonName; publicKey: CryptoKey; validity: Validity; extensions: Extension[] },
): Promise<X509Certificate> {
  return X509CertificateGenerator.create({
    subject: request.subject,
    issuer: issuer.certificate.subjectName,
    serialNumber: serialNumber(),
    publicKey: request.publicKey,
    signingKey: issuer.privateKey,
    ...request.validity,
    extensions: [
      ...request.extensions,
      await SubjectKeyIdentifierExtension.create(request.publicKey),
      await AuthorityKeyIdentifierExtension.create(issuer.certificate.publicKey),
    ],
  })
}

/** The subject of a card, as the authorities write it. */
function subjectOf(holder: Holder): JsonName {
  if (holder.kind === 'professional') {
    return [
      { C: ['FR'] },
      { [OID.title]: [holder.profession] },
      { CN: [holder.id], [OID.surname]: [holder.surname], [OID.givenName]: [holder.givenName] },
    ]
  }
  const { director } = holder
  return [
    { C: ['FR'] },
    { ST: [holder.department] },
    { O: [holder.name] },
    { OU: [holder.id] },
    director === undefined
      ? { CN: [holder.service] }
      : { CN: [holder.service], [OID.surname]: [director.surname], [OID.givenName]: [director.givenName] },
  ]
}

/** The authentication certificate of a card for a key it holds. */
export async function issueCard(
  authority: CardAuthority,
  holder: Holder,
  publicKey: CryptoKey,
  validity: Validity,
): Promise<X509Certificate> {
  return issue(authority.ca, {
    subject: subjectOf(holder),
    publicKey,
    validity,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.clientAuth]),
    ],
  })
}

/** The host's certificate, for `localhost` and the loopback addresses. */
export async function issueServer(
  authority: Issuer,
  publicKey: CryptoKey,
  validity: Validity,
): Promise<X509Certificate> {
  return issue(authority, {
    subject: [{ C: ['FR'] }, { O: ['COFFRE DEVELOPPEMENT'] }, { CN: ['localhost'] }],
    publicKey,
    validity,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension([
        { type: 'dns', value: 'localhost' },
        { type: 'ip', value: '127.0.0.1' },
        { type: 'ip', value: '::1' },
      ]),
    ],
  })
}

/** An issuer's revocation list over `revoked` certificates. */
export async function makeCrl(
  issuer: Issuer,
  { validity, revoked = [] }: { validity: Validity; revoked?: readonly { certificate: X509Certificate; at: Date }[] },
): Promise<X509Crl> {
  return X509CrlGenerator.create({
    issuer: issuer.certificate.subjectName,
    thisUpdate: validity.notBefore,
    nextUpdate: validity.notAfter,
    signingAlgorithm: issuer.certificate.publicKey.algorithm.name.startsWith('RSA')
      ? { name: 'RSASSA-PKCS1-v1_5' }
      : { name: 'ECDSA', ...{ hash: 'SHA-256' } },
    signingKey: issuer.privateKey,
    entries: revoked.map(({ certificate, at }) => ({
      serialNumber: certificate.serialNumber,
      revocationDate: at,
      reason: X509CrlReason.keyCompromise,
    })),
    extensions: [await AuthorityKeyIdentifierExtension.create(issuer.certificate.publicKey)],
  })
}

/** A card as its holder has it. */
export interface Card {
  readonly holder: Holder
  readonly certificate: X509Certificate
  readonly privateKey: CryptoKey
  /** PEM: leaf, then the intermediate; the root is left out. */
  readonly chainPem: string
  /** PEM: the private key, encrypted under the PIN. */
  readonly keyPem: string
  readonly pin: string
}

/** A whole new card: key, certificate and PIN. `validity` lets tests make expired and future ones. */
export async function makeCard(
  authority: CardAuthority,
  holder: Holder,
  { at, pin = '1234', validity = validityOf(at, LIFETIME_DAYS.card) }: { at: Date; pin?: string; validity?: Validity },
): Promise<Card> {
  const keys = await makeKeys('rsa-2048')
  const certificate = await issueCard(authority, holder, keys.publicKey, validity)
  return {
    holder,
    certificate,
    privateKey: keys.privateKey,
    chainPem: chainPem(certificate, authority.ca.certificate),
    keyPem: await keyPem(keys.privateKey, pin),
    pin,
  }
}

/** Certificates one after the other as PEM, with a final line feed. */
export function chainPem(...certificates: X509Certificate[]): string {
  return certificates.map(certificate => `${certificate.toString('pem')}\n`).join('')
}

/** 16 random bytes, positive as DER wants it. */
function serialNumber(): string {
  const bytes = randomBytes(16)
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40
  return bytes.toString('hex')
}
