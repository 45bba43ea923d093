/**
 * The card of the vectors' doctor, with its authority and revocation lists. Certificates cannot be made twice alike
 * (serial numbers, keys), so they are an input: `test/vectors/coffre/card.json`, made once. Its key is nobody's.
 */
import { constants, createPrivateKey, type KeyObject, sign, webcrypto } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Bytes, fromBase64 } from '../../src/crypto/bytes.ts'
import { type Signer, signStatement } from '../../src/crypto/statement.ts'
import { type Certificate, type Crl, parseCertificate, parseCrl } from '../../src/crypto/x509.ts'
import { issue } from '../crypto/authority.ts'
import { DOCTOR, makeAuthority, makeSoftwareCard } from '../fixtures/certificates.ts'
import { draw, text64 } from './vector-file.ts'

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
  /** Statements whose signatures come out otherwise each time. */
  readonly ps256: string
  readonly es256: { readonly certificate: string; readonly statement: string }
}

/** What those statements say; the same as the others of `statement.json`. */
const SAID = { deployment: text64(draw('deployment', 16)), say: 'é' }
const TYP = 'coffre-example+jws'

const der = (pem: string): string => pem.replaceAll(/-----[A-Z ]+-----|\s/g, '')

/** Makes another card; everything signed by the one before is then to be made anew. */
export async function makeCardFile(at: Date): Promise<CardFile> {
  const authority = await makeAuthority('persons', at)
  const { certificate, card, keyPem, pin } = await makeSoftwareCard(authority, DOCTOR, at)
  const key = createPrivateKey({ key: keyPem, passphrase: pin }).export({ type: 'pkcs8', format: 'der' })
  const chain = card.certificates.map(each => each.der.toBase64())
  const revoked = [{ certificate, at: new Date(at.getTime() + 3_600_000) }]
  return {
    about:
      'A card, its authority and lists, made for these vectors: an input, not regenerated. The key signs nothing else.',
    authority: der(authority.anchor),
    chain,
    crls: await authority.crls(at),
    crlsRevoked: await authority.crls(at, revoked),
    key: key.toString('base64'),
    ps256: await signedPs256(createPrivateKey({ key, type: 'pkcs8', format: 'der' }), chain.slice(0, 1)),
    es256: await signedEs256(),
  }
}

/** PS256 as RFC 7518 §3.5 wants it, with a salt as long as the hash, or with another, which is none. */
export function signedPs256(key: KeyObject, x5c: readonly string[], saltLength = 32): Promise<string> {
  const how = { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength }
  return signStatement(TYP, SAID, { alg: 'PS256', x5c, sign: bytes => new Uint8Array(sign('sha256', bytes, how)) })
}

async function signedEs256(): Promise<CardFile['es256']> {
  const { certificate, keys } = await issue({ kind: 'p-256' })
  const how = { name: 'ECDSA', hash: 'SHA-256' }
  const statement = await signStatement(TYP, SAID, {
    alg: 'ES256',
    x5c: [certificate.der.toBase64()],
    sign: async bytes => new Uint8Array(await webcrypto.subtle.sign(how, keys.privateKey, Uint8Array.from(bytes))),
  })
  return { certificate: certificate.der.toBase64(), statement }
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
