import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type CardAuthority,
  type CardAuthorityKind,
  chainPem,
  type Holder,
  type Issuer,
  issueCard,
  issueIntermediate,
  issueRoot,
  issueServer,
  LIFETIME_DAYS,
  makeCrl,
  validityOf,
  X509Certificate,
  X509Crl,
} from './certificates.ts'
import { isThere, keep, PUBLIC, put, readText } from './files.ts'
import { type KeyKind, keyPem, keysOfPem, makeKeys } from './key-pairs.ts'

// The authorities and cards of the development world as files. Keys are made once; certificates and revocation lists
// are signed anew when they have expired or soon will.

const DAY_MS = 24 * 60 * 60 * 1000
/** How long before its end a thing is renewed, in days. */
const MARGIN_DAYS = { card: 60, server: 30, crl: 4 } as const

/** `<folder>/{root,ca}.{pem,key}`, and the lists of both steps: `root.crl.der`, `crl.der`. */
export async function ensureCardAuthority(folder: string, kind: CardAuthorityKind, at: Date): Promise<CardAuthority> {
  const file = (name: string) => join(folder, name)
  const root = await ensureIssuer(folder, 'root', 'rsa-4096', keys => issueRoot(kind, keys, at))
  const ca = await ensureIssuer(folder, 'ca', 'rsa-2048', ({ publicKey }) =>
    issueIntermediate(kind, root, publicKey, at),
  )
  await ensureCrl(file('root.crl.der'), root, at)
  await ensureCrl(file('crl.der'), ca, at)
  return { kind, root, ca }
}

/** `<folder>/root.{pem,key}`: the authority of the host's server certificate. */
export async function ensureServerAuthority(folder: string, at: Date): Promise<Issuer> {
  return ensureIssuer(folder, 'root', 'p-256', keys => issueRoot('servers', keys, at))
}

async function ensureIssuer(
  folder: string,
  name: string,
  kind: KeyKind,
  certify: (keys: CryptoKeyPair) => Promise<X509Certificate>,
): Promise<Issuer> {
  const pem = await keep(join(folder, `${name}.key`), async () => keyPem((await makeKeys(kind)).privateKey))
  const keys = await keysOfPem(pem, kind)
  const path = join(folder, `${name}.pem`)
  if (!isThere(path)) put(path, chainPem(await certify(keys)))
  return { certificate: new X509Certificate(readText(path)), privateKey: keys.privateKey }
}

async function ensureCrl(path: string, issuer: Issuer, at: Date): Promise<void> {
  if (isThere(path) && !endsSoon(new X509Crl(readFileSync(path)).nextUpdate, at, MARGIN_DAYS.crl)) return
  const crl = await makeCrl(issuer, { validity: validityOf(at, LIFETIME_DAYS.crl) })
  put(path, new Uint8Array(crl.rawData))
}

/** `<folder>/{card.pem, card.key.pem, pin.txt}`. The PIN lies beside the card in the development world only. */
export async function ensureCard(
  folder: string,
  { authority, holder, pin, at }: { authority: CardAuthority; holder: Holder; pin: string; at: Date },
): Promise<void> {
  const cardPin = await keep(join(folder, 'pin.txt'), () => `${pin}\n`)
  const pem = await keep(join(folder, 'card.key.pem'), async () =>
    keyPem((await makeKeys('rsa-2048')).privateKey, cardPin),
  )
  const path = join(folder, 'card.pem')
  if (isThere(path) && !endsSoon(firstOf(path).notAfter, at, MARGIN_DAYS.card)) return
  const { publicKey } = await keysOfPem(pem, 'rsa-2048', cardPin)
  const certificate = await issueCard(authority, holder, publicKey, validityOf(at, LIFETIME_DAYS.card))
  put(path, chainPem(certificate, authority.ca.certificate))
}

/** The host's server certificate and key, at the two paths its configuration names. */
export async function ensureServer(
  paths: { certificate: string; key: string },
  { authority, at }: { authority: Issuer; at: Date },
): Promise<void> {
  const pem = await keep(paths.key, async () => keyPem((await makeKeys('p-256')).privateKey))
  if (isThere(paths.certificate) && !endsSoon(firstOf(paths.certificate).notAfter, at, MARGIN_DAYS.server)) return
  const { publicKey } = await keysOfPem(pem, 'p-256')
  const certificate = await issueServer(authority, publicKey, validityOf(at, LIFETIME_DAYS.server))
  put(paths.certificate, chainPem(certificate, authority.certificate), PUBLIC)
}

/** The first certificate of a PEM file. */
function firstOf(path: string): X509Certificate {
  return new X509Certificate(
    readText(path).split('-----END CERTIFICATE-----')[0]?.concat('-----END CERTIFICATE-----') ?? '',
  )
}

function endsSoon(end: Date | undefined, at: Date, marginDays: number): boolean {
  return end === undefined || end.getTime() - at.getTime() < marginDays * DAY_MS
}
