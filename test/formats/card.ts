/**
 * The card of the vectors' doctor, with its authority and revocation lists. Certificates cannot be made twice alike
 * (serial numbers, keys), so they are an input: `test/vectors/coffre/card.json`, made once. Its key is nobody's.
 */
import { createPrivateKey, sign } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Bytes, fromBase64 } from '../../src/crypto/bytes.ts'
import type { Signer } from '../../src/crypto/statement.ts'
import { type Certificate, type Crl, parseCertificate, parseCrl } from '../../src/crypto/x509.ts'
import { DOCTOR, makeAuthority, makeSoftwareCard } from '../fixtures/certificates.ts'

export const CARD_FILE = join(import.meta.dirname, '../vectors/coffre/card.json')

/** DER in base64 (padded), as in `x5c`. */
export interface CardFile {
  readonly about: string
  readonly authority: string
  readonly chain: readonly string[]
  /** Lists of authority and intermediate, in force from their making for seven days. */
  readonly crls: readonly string[]
  /** The same, with the card revoked an hour later than the vectors' day begins. */
  readonly crlsRevoked: readonly string[]
  /** PKCS#8. */
  readonly key: string
}

const der = (pem: string): string => pem.replaceAll(/-----[A-Z ]+-----|\s/g, '')

/** Makes another card; everything signed by the one before is then to be made anew. */
export async function makeCardFile(at: Date): Promise<CardFile> {
  const authority = await makeAuthority('persons', at)
  const { certificate, card, keyPem, pin } = await makeSoftwareCard(authority, DOCTOR, at)
  const key = createPrivateKey({ key: keyPem, passphrase: pin }).export({ type: 'pkcs8', format: 'der' })
  const revoked = [{ certificate, at: new Date(at.getTime() + 3_600_000) }]
  return {
    about:
      'A card, its authority and lists, made for these vectors: an input, not regenerated. The key signs nothing else.',
    authority: der(authority.anchor),
    chain: card.certificates.map(each => each.der.toBase64()),
    crls: await authority.crls(at),
    crlsRevoked: await authority.crls(at, revoked),
    key: key.toString('base64'),
  }
}

function readCardFile(): CardFile {
  return JSON.parse(readFileSync(CARD_FILE, 'utf8'))
}

export interface Card {
  readonly file: CardFile
  readonly holder: typeof DOCTOR
  readonly authority: Certificate
  readonly crls: readonly Crl[]
  /** RS256: deterministic. */
  readonly signer: Signer
}

export function readCard(): Card {
  const file = readCardFile()
  const key = createPrivateKey({ key: Buffer.from(file.key, 'base64'), type: 'pkcs8', format: 'der' })
  return {
    file,
    holder: DOCTOR,
    authority: parseCertificate(file.authority),
    crls: file.crls.map(list => parseCrl(fromBase64(list))),
    signer: { alg: 'RS256', x5c: file.chain, sign: (bytes: Bytes) => new Uint8Array(sign('sha256', bytes, key)) },
  }
}
