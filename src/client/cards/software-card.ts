/** A card kept in two files: a PEM chain, and a PKCS#8 key encrypted under the PIN. For development and for tests. */
import { constants, createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { type Bytes, fromBase64 } from '../../crypto/bytes.ts'
import { CoffreError } from '../../crypto/errors.ts'
import { type Certificate, identityOf, parseCertificate } from '../../crypto/x509.ts'
import { InputError, StepError } from '../errors.ts'
import type { Card, CardAlgorithm } from './card.ts'

/** Where the two files lie. */
export interface SoftwareCardFiles {
  /** PEM: leaf, then its authorities. */
  readonly certificate: string
  /** PEM: encrypted PKCS#8. */
  readonly key: string
}

/** The two files' texts, and the PIN. */
export interface SoftwareCardSource {
  readonly chainPem: string
  readonly keyPem: string
  readonly pin: string
}

/**
 * Reads a card from its files. Throws `StepError` `card-missing` when one cannot be read, and what `openSoftwareCard`
 * throws.
 */
export async function readSoftwareCard(files: SoftwareCardFiles, pin: string): Promise<Card> {
  const [chainPem, keyPem] = await Promise.all([readCardFile(files.certificate), readCardFile(files.key)])
  return openSoftwareCard({ chainPem, keyPem, pin })
}

/**
 * Opens a card with its PIN. Throws `InputError`: `card-pin` (wrong, or the key file is damaged: the two cannot be told
 * apart), `card-malformed` (not the files of a card, or a key that is not the certificate's), `card-unsupported` (a key
 * that statements do not take).
 */
export function openSoftwareCard({ chainPem, keyPem, pin }: SoftwareCardSource): Card {
  const certificates = readChain(chainPem)
  const leaf = certificates[0] as Certificate
  const key = openKey(keyPem, pin)
  const algorithms = algorithmsOf(leaf)
  checkPair(key, chainPem)
  return {
    certificates,
    holder: identityOf(leaf),
    algorithms,
    sign: async (bytes, algorithm) => {
      if (!algorithms.includes(algorithm)) {
        throw new InputError(`This card does not sign with ${algorithm}; it has ${algorithms.join(', ')}`, {
          code: 'card-unsupported',
        })
      }
      return signWith(key, algorithm, bytes)
    },
    tls: { cert: chainPem, key: keyPem, passphrase: pin },
  }
}

async function readCardFile(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw new StepError(`The card's file ${path} cannot be read; name the card's files, or insert the card`, {
      code: 'card-missing',
      cause,
    })
  }
}

const PEM_BLOCK = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/g

/** The certificates of a PEM, a self-signed one at the end left out. */
function readChain(pem: string): Certificate[] {
  const certificates: Certificate[] = []
  try {
    for (const [, body] of pem.matchAll(PEM_BLOCK)) {
      certificates.push(parseCertificate(fromBase64((body as string).replaceAll(/\s/g, ''))))
    }
  } catch (cause) {
    if (!CoffreError.is(cause)) throw cause
    throw malformed('a certificate in it cannot be read', cause)
  }
  const chain = certificates.filter((certificate, i) => i === 0 || !certificate.names(certificate))
  if (chain.length === 0) throw malformed('it holds no PEM certificate')
  return chain
}

function openKey(pem: string, passphrase: string): KeyObject {
  if (!pem.includes('-----BEGIN ENCRYPTED PRIVATE KEY-----')) {
    throw malformed('its key is not an encrypted PKCS#8 file; a card without a PIN is not a card')
  }
  try {
    return createPrivateKey({ key: pem, passphrase })
  } catch {
    // Without the cause: OpenSSL's error says nothing that helps, and a wrong PIN is the usual one.
    throw new InputError('The PIN does not open this card; try again', { code: 'card-pin' })
  }
}

function algorithmsOf(leaf: Certificate): CardAlgorithm[] {
  const known: readonly CardAlgorithm[] = ['RS256', 'PS256', 'ES256']
  const algorithms = known.filter(algorithm => leaf.publicKey.algorithms.includes(algorithm))
  if (algorithms.length > 0) return algorithms
  throw new InputError('The card’s key is of a kind that statements do not take: RSA from 2048 bits, or P-256', {
    code: 'card-unsupported',
  })
}

/** A key of another certificate would fail later and far from here. */
function checkPair(key: KeyObject, chainPem: string): void {
  const spki = (of: KeyObject | string) => createPublicKey(of as KeyObject).export({ type: 'spki', format: 'pem' })
  if (spki(key) !== spki(chainPem)) throw malformed('its key is not the key of its certificate')
}

function signWith(key: KeyObject, algorithm: CardAlgorithm, bytes: Bytes): Bytes {
  const options = {
    RS256: { key, padding: constants.RSA_PKCS1_PADDING },
    PS256: { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST },
    ES256: { key, dsaEncoding: 'ieee-p1363' as const },
  }[algorithm]
  return new Uint8Array(sign('sha256', bytes, options))
}

function malformed(why: string, cause?: unknown): InputError {
  return new InputError(`This is not a card: ${why}`, { code: 'card-malformed', ...(cause ? { cause } : {}) })
}
