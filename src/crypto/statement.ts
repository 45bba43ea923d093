import { flattenedVerify } from 'jose'
import { type Bytes, fromBase64, fromBase64url, fromUtf8, toBase64url, utf8 } from './bytes.ts'
import type { CertificateKey } from './certificate.ts'
import { CryptoError } from './errors.ts'
import { sha256Text } from './hash.ts'
import { type SigningKey, VerifyKey } from './sign.ts'
import { hasLowS, toLowS } from './statement-es256.ts'

// Statements: compact JWS (RFC 7515 §3.1) with a protected header of our own narrow form. The only file that imports
// jose, which verifies what cards signed (RSA, ECDSA); Ed25519 goes to `sign.ts`, whose rule is stricter. Signing is
// done here, because the private key of a card is no key object: it never leaves the card.
//
// Narrower than RFC 7515, all refused: any header member but alg, typ, kid, x5c in this order; a header or payload that is
// not minimal JSON (so no member twice); non-canonical base64url; an ES256 signature with the higher of its two S. Whoever
// holds a statement can make no second text of it, with another hash, and no two readers read it differently.

/** Largest statement, in bytes of its text. */
export const STATEMENT_MAX_BYTES = 256 * 1024
/** Most certificates in an `x5c`. */
const X5C_MAX = 5

/** Signature algorithms that a statement may use at all; each `typ` allows fewer. */
export type StatementAlgorithm = 'Ed25519' | 'RS256' | 'PS256' | 'ES256'

/** Of a header, in their order. */
const MEMBERS: ReadonlySet<string> = new Set(['alg', 'typ', 'kid', 'x5c'])
const ALGORITHMS: ReadonlySet<string> = new Set<StatementAlgorithm>(['Ed25519', 'RS256', 'PS256', 'ES256'])

/** The protected header; exactly these members. */
export interface StatementHeader {
  readonly alg: StatementAlgorithm
  readonly typ: string
  readonly kid?: string
  /** Certificates, base64 of DER, leaf first (RFC 7515 §4.1.6). */
  readonly x5c?: readonly string[]
}

/** Something that signs: a key in memory, or a card. `sign` gets the JWS signing input and gives the JWS signature. */
export interface Signer {
  readonly alg: StatementAlgorithm
  readonly kid?: string
  readonly x5c?: readonly string[]
  sign(bytes: Bytes): Promise<Bytes> | Bytes
}

/** A signature of a statement that was read and not verified. */
export interface StatementSignature {
  readonly header: StatementHeader
  readonly signature: Bytes
  /** What was signed: `header ‖ "." ‖ payload`, both base64url. */
  readonly signingInput: string
}

const read: unique symbol = Symbol('read')

/**
 * A statement that was read and NOT verified: good for finding the key (`kid`, `x5c`), and for being verified without
 * being read again. Only `parseStatement` makes one.
 */
export interface ParsedStatement {
  readonly [read]: true
  readonly text: string
  readonly signatures: readonly StatementSignature[]
  readonly payload: Readonly<Record<string, unknown>>
  readonly payloadBytes: Bytes
}

/** What a verifier asks of a statement, one algorithm list and one key per signature, in order. */
export interface StatementPolicy {
  readonly typ: string
  readonly algorithms: readonly (StatementAlgorithm | readonly StatementAlgorithm[])[]
  readonly keys: readonly (VerifyKey | CertificateKey)[]
  /** One of many: Ed25519 goes beside this thread, where the platform can. */
  readonly isOneOfMany?: boolean
}

/** A verified statement. `payload` is what was signed, its form still to be checked by a schema. */
export interface VerifiedStatement {
  readonly payload: Readonly<Record<string, unknown>>
  /** SHA-256 of the statement's text; its name everywhere. */
  readonly hash: Bytes
  readonly headers: readonly StatementHeader[]
}

/** A signer of a key in memory. `kid` names the key to the verifier. */
export function ed25519Signer(key: SigningKey, kid?: string): Signer {
  return { alg: 'Ed25519', ...(kid === undefined ? {} : { kid }), sign: bytes => key.sign(bytes) }
}

/**
 * Signs a payload (a JSON object) as a compact JWS.
 * Throws `CryptoError` `statement-malformed` when the result would not parse (a `kid` too long, too large a payload),
 * and whatever the signer throws.
 */
export async function signStatement(typ: string, payload: object, signer: Signer): Promise<string> {
  const segment = payloadSegment(payload)
  const { header, signature } = await signSegment(typ, segment, signer)
  return bounded(`${header}.${segment}.${signature}`)
}

/**
 * Two signatures over the very same payload bytes: `h1.p.s1~h2..s2`, a compact JWS and, after a tilde, a second with its
 * payload detached (RFC 7515 appendix F). Whoever verifies must ask for both; either alone is no statement of two.
 * Throws as `signStatement`.
 */
export async function cosignStatement(typ: string, payload: object, first: Signer, second: Signer): Promise<string> {
  const segment = payloadSegment(payload)
  const one = await signSegment(typ, segment, first)
  const two = await signSegment(typ, segment, second)
  return bounded(`${one.header}.${segment}.${one.signature}~${two.header}..${two.signature}`)
}

// What is signed is what would be read: every part is checked as it is made. Reading the finished text back would cost a
// statement a fifth of its time.

/** `JSON.stringify` gives minimal JSON, and again the same of what is read from it; only an object is left to be asked for. */
function payloadSegment(payload: object): string {
  const text = JSON.stringify(payload)
  if (text?.[0] !== '{') throw malformed('the payload is not a JSON object')
  return toBase64url(utf8(text))
}

function bounded(text: string): string {
  if (text.length > STATEMENT_MAX_BYTES) throw malformed(`above ${STATEMENT_MAX_BYTES} bytes`)
  return text
}

async function signSegment(typ: string, segment: string, signer: Signer) {
  const { alg, kid, x5c } = signer
  const header = toBase64url(utf8(headerText(checkedHeader({ alg, typ, kid, x5c }))))
  const raw = await signer.sign(utf8(`${header}.${segment}`))
  if (raw.length === 0) throw malformed('the signer gave no signature')
  return { header, signature: toBase64url(alg === 'ES256' ? toLowS(raw) : raw) }
}

/** The one text of a header: members in this order, no white space. */
function headerText({ alg, typ, kid, x5c }: StatementHeader): string {
  return JSON.stringify({ alg, typ, ...(kid !== undefined && { kid }), ...(x5c !== undefined && { x5c }) })
}

/**
 * Reads a statement without verifying it. Throws `CryptoError` `statement-malformed` (too large, form, encoding, payload
 * not a JSON object) or `statement-header` (a header that is not ours: unknown member, `jwk`, `jku`, `crit`, `none`, …).
 */
export function parseStatement(text: string): ParsedStatement {
  if (text.length > STATEMENT_MAX_BYTES) throw malformed(`above ${STATEMENT_MAX_BYTES} bytes`)
  const [first, second, ...more] = text.split('~')
  const [header, segment, signature, ...rest] = (first as string).split('.')
  if (!header || !segment || !signature || rest.length > 0 || more.length > 0) {
    throw malformed('not header.payload.signature')
  }
  const signatures = [readSignature(header, segment, signature)]
  if (second !== undefined) {
    const parts = second.split('.')
    const [header2, detached, signature2] = parts
    if (parts.length !== 3 || !header2 || detached !== '' || !signature2) {
      throw malformed('the second signature is not header..signature, with the payload detached')
    }
    signatures.push(readSignature(header2, segment, signature2))
  }
  const payloadBytes = decode(segment)
  const { text: json, value: payload } = parseJson(payloadBytes)
  // One text per payload: a member given twice is one that two readers could read differently. Only a check; what was
  // signed is `payloadBytes`.
  if (JSON.stringify(payload) !== json) throw malformed('the payload is not minimal JSON')
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) {
    throw malformed('the payload is not a JSON object')
  }
  return { [read]: true, text, signatures, payload: payload as Record<string, unknown>, payloadBytes }
}

function readSignature(headerSegment: string, segment: string, signatureSegment: string): StatementSignature {
  const header = parseHeader(decode(headerSegment))
  return { header, signature: decode(signatureSegment), signingInput: `${headerSegment}.${segment}` }
}

function parseHeader(bytes: Bytes): StatementHeader {
  const { value, text } = parseJson(bytes)
  if (typeof value !== 'object' || value === null) throw wrongHeader('not an object')
  const header = checkedHeader(value as Record<string, unknown>)
  // Also catches a member given twice, of which readers could take either.
  if (headerText(header) !== text) throw wrongHeader('not the minimal JSON of alg, typ, kid, x5c in order')
  return header
}

function checkedHeader(value: Readonly<Record<string, unknown>>): StatementHeader {
  const { alg, typ, kid, x5c } = value
  for (const name in value) if (!MEMBERS.has(name)) throw wrongHeader('members other than alg, typ, kid, x5c')
  if (typeof alg !== 'string' || !ALGORITHMS.has(alg)) throw wrongHeader('alg is none of those a statement may use')
  if (typeof typ !== 'string' || !/^[a-z0-9-]{1,64}\+jws$/.test(typ)) throw wrongHeader('typ is not "<noun>+jws"')
  if (kid !== undefined && !(typeof kid === 'string' && /^[A-Za-z0-9_.:-]{1,128}$/.test(kid))) {
    throw wrongHeader('kid is not 1 to 128 letters, digits or _ . : -')
  }
  if (x5c !== undefined) {
    if (!Array.isArray(x5c) || x5c.length < 1 || x5c.length > X5C_MAX) throw wrongHeader('x5c is not 1 to 5 texts')
    for (const certificate of x5c) {
      if (typeof certificate !== 'string' || !isBase64(certificate)) throw wrongHeader('x5c is not 1 to 5 in base64')
    }
  }
  return value as unknown as StatementHeader
}

function isBase64(text: string): boolean {
  try {
    return fromBase64(text) !== null
  } catch {
    return false
  }
}

/**
 * Verifies a statement: exactly as many signatures as keys, each with the given `typ`, an allowed algorithm, and good
 * under its key. Throws `CryptoError`: what `parseStatement` throws, and `statement-signatures` (wrong number),
 * `statement-type`, `statement-algorithm` (not allowed, or not one of the key's), `statement-signature` (not good).
 * Whether the key may say this is the caller's to know.
 */
export async function verifyStatement(
  statement: string | ParsedStatement,
  policy: StatementPolicy,
): Promise<VerifiedStatement> {
  const { text, signatures, payload } = typeof statement === 'string' ? parseStatement(statement) : statement
  const wanted = policy.keys.length
  if (wanted === 0 || policy.algorithms.length !== wanted || signatures.length !== wanted) {
    throw new CryptoError(`The statement has ${signatures.length} signatures, ${wanted} are needed`, {
      code: 'statement-signatures',
    })
  }
  for (const [index, signature] of signatures.entries()) {
    const { header } = signature
    if (header.typ !== policy.typ) {
      throw new CryptoError(`A statement of type ${policy.typ} is needed, this is ${header.typ}`, {
        code: 'statement-type',
      })
    }
    if (![policy.algorithms[index]].flat().includes(header.alg)) {
      throw new CryptoError(`${header.alg} is not allowed for ${policy.typ}`, { code: 'statement-algorithm' })
    }
    if (!(await verifies(signature, policy.keys[index] as VerifyKey | CertificateKey, policy))) {
      throw new CryptoError(`Signature ${index + 1} of this ${policy.typ} is not good under the key it should be`, {
        code: 'statement-signature',
      })
    }
  }
  return { payload, hash: statementHash(text), headers: signatures.map(({ header }) => header) }
}

async function verifies(
  signature: StatementSignature,
  key: VerifyKey | CertificateKey,
  { isOneOfMany = false }: StatementPolicy,
): Promise<boolean> {
  const { alg } = signature.header
  const ofKey = key instanceof VerifyKey ? ['Ed25519'] : key.algorithms
  if (!ofKey.includes(alg)) {
    throw new CryptoError(`${alg} is not an algorithm of this signer’s key`, { code: 'statement-algorithm' })
  }
  if (key instanceof VerifyKey) {
    const message = utf8(signature.signingInput)
    return isOneOfMany ? key.verifyAside(message, signature.signature) : key.verify(message, signature.signature)
  }
  if (alg === 'ES256' && !hasLowS(signature.signature)) return false
  const [header, payload] = signature.signingInput.split('.') as [string, string]
  const jws = { protected: header, payload, signature: toBase64url(signature.signature) }
  try {
    await flattenedVerify(jws, await key.cryptoKey(alg as 'RS256' | 'PS256' | 'ES256'), { algorithms: [alg] })
    return true
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED') return false
    throw new CryptoError('The signer’s key cannot be used: have the certificate looked at', {
      code: 'statement-signature',
      cause: error,
    })
  }
}

/** SHA-256 of the ASCII bytes of a statement's text, signatures included: how other statements and the log name it. */
export function statementHash(text: string): Bytes {
  return sha256Text(text)
}

function decode(segment: string): Bytes {
  try {
    return fromBase64url(segment)
  } catch (cause) {
    throw new CryptoError('Malformed statement: a part is not canonical base64url', {
      code: 'statement-malformed',
      cause,
    })
  }
}

interface Json {
  readonly text: string
  readonly value: unknown
}

function parseJson(bytes: Bytes): Json {
  try {
    const text = fromUtf8(bytes)
    return { text, value: JSON.parse(text) }
  } catch {
    // Without the cause: the platform's message quotes the text.
    throw malformed('a part is not JSON')
  }
}

function malformed(reason: string): CryptoError {
  return new CryptoError(`Malformed statement: ${reason}`, { code: 'statement-malformed' })
}

function wrongHeader(reason: string): CryptoError {
  return new CryptoError(`Refused statement header: ${reason}`, { code: 'statement-header' })
}
