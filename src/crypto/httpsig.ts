import { type Bytes, fromBase64, randomBytes, toBase64, toBase64url, utf8 } from './bytes.ts'
import { CryptoError } from './errors.ts'
import { sha256 } from './hash.ts'
import type { SigningKey, VerifyKey } from './sign.ts'

// HTTP message signatures (RFC 9421) over requests, with Content-Digest (RFC 9530), in the one form Coffre uses: fixed
// components in a fixed order, fixed parameters in a fixed order, Ed25519. What deviates is refused, although RFC 9421
// would allow it, so that one request has one signature base and an auditor can read the act out of the signed bytes.

/** Label of the signature in both header fields. */
const LABEL = 'coffre'
const TAG = 'coffre-v1'
const SIGNATURE = new RegExp(`^${LABEL}=:([A-Za-z0-9+/]{86}==):$`)
/** Bound of a whole signature base, in characters: as long as an entry of the log holds. */
const BASE_MAX = 8 * 1024

/** Always covered, in this order. */
const REQUIRED = ['@method', '@authority', '@path', '@query', 'content-digest', 'coffre-seen'] as const
/** Covered, in this order, exactly when the request has them. */
const OPTIONAL = ['coffre-session', 'coffre-acting'] as const

/** A request as its signature sees it. Header names in lower case; those not signed may be there too. */
export interface SignableRequest {
  /** Upper case. */
  readonly method: string
  /** Host, and port unless 443. */
  readonly authority: string
  /** Absolute path as sent, percent-encoded, without query. */
  readonly path: string
  /** Empty, or `?` and the query as sent. */
  readonly query: string
  readonly headers: Readonly<Record<string, string | undefined>>
}

/** Who signs, when; `created` in whole seconds since 1970, `nonce` 16 random bytes in base64url. */
export interface RequestSigner {
  readonly keyId: string
  readonly key: SigningKey
  readonly created: number
  readonly nonce: string
}

/** A request's signature as read, NOT verified: `verifyBase(base, signature, the key of keyId)` does that. */
export interface RequestSignature {
  /** The signature base (RFC 9421 §2.5), rebuilt from the request. */
  readonly base: string
  readonly signature: Bytes
  readonly keyId: string
  readonly created: number
  readonly nonce: string
  readonly covered: readonly string[]
}

/** What a signature base says. */
export interface SignedRequest {
  readonly method: string
  readonly authority: string
  readonly path: string
  readonly query: string
  /** SHA-256 of the body. */
  readonly contentDigest: Bytes
  readonly seen: string
  readonly session?: string
  readonly acting?: string
  readonly created: number
  readonly nonce: string
  readonly keyId: string
  readonly tag: string
}

/** A new nonce for `RequestSigner`. */
export function newNonce(): string {
  return toBase64url(randomBytes(16))
}

/** Content-Digest (RFC 9530 §2) of a body, which may be empty: `sha-256=:…:`. */
export function contentDigest(body: Bytes): string {
  return formatContentDigest(sha256(body))
}

/** Content-Digest of a body hashed elsewhere, piece by piece. */
export function formatContentDigest(sha256OfBody: Bytes): string {
  return `sha-256=:${toBase64(sha256OfBody)}:`
}

/** SHA-256 in a Content-Digest of that one form. Throws `CryptoError` `signature-malformed`. */
export function parseContentDigest(field: string): Bytes {
  const text = /^sha-256=:([A-Za-z0-9+/]{43}=):$/.exec(field)?.[1]
  if (text === undefined) throw malformed('content-digest is not one sha-256')
  return decoded(() => fromBase64(text), 'content-digest')
}

/**
 * Signs a request: gives the header fields to add (`content-digest`, `signature-input`, `signature`). `coffre-seen`, and
 * `coffre-session` and `coffre-acting` where they apply, must be among `headers` already.
 * Throws `CryptoError` `signature-malformed` for what could not be signed unambiguously.
 */
export function signRequest(
  request: SignableRequest & { readonly body: Bytes },
  { keyId, key, created, nonce }: RequestSigner,
): Record<'content-digest' | 'signature-input' | 'signature', string> {
  const digest = contentDigest(request.body)
  const { covered, lines } = coveredLines({ ...request, headers: { ...request.headers, 'content-digest': digest } })
  const parameters = formatParameters(covered, { created, nonce, keyId })
  parseParameters(parameters, coveredText(covered)) // what we could not read back, nobody shall have to
  const base = bounded(signatureBase(lines, parameters))
  return {
    'content-digest': digest,
    'signature-input': `${LABEL}=${parameters}`,
    signature: `${LABEL}=:${toBase64(key.sign(utf8(base)))}:`,
  }
}

/**
 * Reads the signature of a request and rebuilds what it signs. Verifies nothing, and does not look at the body: compare
 * its hash with the `content-digest` of `parseBase`. Throws `CryptoError` `signature-malformed` for anything but the one
 * form, a header of ours that is there and not covered included.
 */
export function parseRequestSignature(request: SignableRequest): RequestSignature {
  const { covered, lines } = coveredLines(request)
  const input = field(request.headers, 'signature-input')
  if (!input.startsWith(`${LABEL}=`)) throw malformed('signature-input is not one signature labelled "coffre"')
  const parameters = input.slice(LABEL.length + 1)
  const { created, nonce, keyId } = parseParameters(parameters, coveredText(covered))
  const signature = SIGNATURE.exec(field(request.headers, 'signature'))?.[1]
  if (signature === undefined) throw malformed('signature is not one labelled "coffre", of 64 bytes')
  // With every part of it in its one form, so is the base: it is not read back.
  parseContentDigest(field(request.headers, 'content-digest'))
  const base = bounded(signatureBase(lines, parameters))
  return { base, signature: decoded(() => fromBase64(signature), 'signature'), keyId, created, nonce, covered }
}

/** Whether the signature is good for the base under this key. Who the key belongs to is the caller's to know. */
export function verifyBase(base: string, signature: Bytes, key: VerifyKey): boolean {
  return key.verify(utf8(base), signature)
}

/**
 * Reads a signature base back into what it says. Throws `CryptoError` `signature-malformed` unless it is, byte for byte,
 * a base that `parseRequestSignature` could have given.
 */
export function parseBase(base: string): SignedRequest {
  const lines = new BaseLines(bounded(base))
  const [method, authority, path] = [lines.take('@method'), lines.take('@authority'), lines.take('@path')]
  const asked = lines.take('@query')
  if (asked === '') throw malformed('the query is not "?" or "?…"')
  const query = asked === '?' ? '' : asked
  checkTarget({ method, authority, path, query })
  const contentDigest = parseContentDigest(lines.take('content-digest'))
  const seen = lines.take('coffre-seen')
  const session = lines.takeIfThere('coffre-session')
  const acting = lines.takeIfThere('coffre-acting')
  const covered = COVERED[(session === undefined ? 0 : 1) + (acting === undefined ? 0 : 2)] as string
  const { created, nonce, keyId } = parseParameters(lines.last('@signature-params'), covered)
  checkFieldValue('coffre-seen', seen)
  if (session !== undefined) checkFieldValue('coffre-session', session)
  if (acting !== undefined) checkFieldValue('coffre-acting', acting)
  return {
    method,
    authority,
    path,
    query,
    contentDigest,
    seen,
    ...(session !== undefined && { session }),
    ...(acting !== undefined && { acting }),
    created,
    nonce,
    keyId,
    tag: TAG,
  }
}

/** The lines of a signature base, `"name": value`, taken in their one order. */
class BaseLines {
  readonly #base: string
  #at = 0

  constructor(base: string) {
    this.#base = base
  }

  takeIfThere(name: string): string | undefined {
    const begin = `"${name}": `
    if (!this.#base.startsWith(begin, this.#at)) return undefined
    const end = this.#base.indexOf('\n', this.#at)
    if (end < 0) throw malformed('the signature base does not end in its parameters')
    const value = this.#base.slice(this.#at + begin.length, end)
    this.#at = end + 1
    return value
  }

  take(name: string): string {
    const value = this.takeIfThere(name)
    if (value === undefined) throw malformed('the signature base covers other components, or in other order')
    return value
  }

  last(name: string): string {
    const begin = `"${name}": `
    if (!this.#base.startsWith(begin, this.#at)) {
      throw malformed('the signature base covers other components, or in other order')
    }
    return this.#base.slice(this.#at + begin.length)
  }
}

/** Lines of a signature base and its parameters, joined (RFC 9421 §2.5). General; for the functions above and tests. */
export function signatureBase(lines: readonly (readonly [name: string, value: string])[], parameters: string): string {
  return [...lines, ['@signature-params', parameters] as const].map(([name, value]) => `"${name}": ${value}`).join('\n')
}

function bounded(base: string): string {
  if (base.length > BASE_MAX) throw malformed(`the signature base is above ${BASE_MAX} characters`)
  return base
}

function coveredLines({ method, authority, path, query, headers }: SignableRequest) {
  checkTarget({ method, authority, path, query })
  const covered = [...REQUIRED, ...OPTIONAL.filter(name => headers[name] !== undefined)]
  const derived: Record<string, string> = {
    '@method': method,
    '@authority': authority,
    '@path': path,
    '@query': query === '' ? '?' : query, // RFC 9421 §2.2.7: an absent query signs as "?"
  }
  const lines = covered.map(name => [name, derived[name] ?? field(headers, name)] as const)
  return { covered, lines }
}

/** The target in its one normal form (RFC 9421 §2.2.3, §2.2.6): a server that must change it has been sent another. */
function checkTarget({
  method,
  authority,
  path,
  query,
}: Pick<SignableRequest, 'method' | 'authority' | 'path' | 'query'>) {
  if (!/^[A-Z]{1,16}$/.test(method)) throw malformed('the method is not 1 to 16 capital letters')
  if (!/^[a-z0-9.[\]:-]{1,255}$/.test(authority) || authority.endsWith(':443')) {
    throw malformed('the authority is not a lower-case host, with its port unless 443')
  }
  if (!/^\/[\x21\x24-\x3b\x3d\x40-\x5b\x5d\x5f\x61-\x7a\x7e]*$/.test(path))
    throw malformed('the path is not an absolute one')
  if (!/^(?:\?[\x21\x24-\x3b\x3d\x3f-\x5b\x5d\x5f\x61-\x7a\x7e]+)?$/.test(query))
    throw malformed('the query is not "" or "?…"')
}

function field(headers: SignableRequest['headers'], name: string): string {
  const value = headers[name]
  if (value === undefined) throw malformed(`the request has no ${name}`)
  checkFieldValue(name, value)
  return value
}

/** Printable ASCII, no space at either end: nothing to normalise, no line break that could forge a component. */
function checkFieldValue(name: string, value: string): void {
  if (!/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(value)) throw malformed(`${name} is not plain printable ASCII`)
}

interface Parameters {
  readonly created: number
  readonly nonce: string
  readonly keyId: string
}

/** The covered components as the parameters name them. */
function coveredText(covered: readonly string[]): string {
  return covered.map(name => `"${name}"`).join(' ')
}

/** The same, of what is covered with neither optional component, the first, the second, both. */
const COVERED: readonly string[] = [[], ['coffre-session'], ['coffre-acting'], OPTIONAL].map(optional =>
  coveredText([...REQUIRED, ...optional]),
)

function formatParameters(covered: readonly string[], { created, nonce, keyId }: Parameters): string {
  return `(${coveredText(covered)});created=${created};nonce="${nonce}";keyid="${keyId}";alg="ed25519";tag="${TAG}"`
}

/** After the covered components; the nonce is 16 bytes in their one writing. */
const PARAMETERS = new RegExp(
  `^\\(([^)]*)\\);created=(0|[1-9][0-9]{0,11});nonce="([A-Za-z0-9_-]{21}[AQgw])";keyid="([A-Za-z0-9_.:-]{1,128})";alg="ed25519";tag="${TAG}"$`,
)

function parseParameters(text: string, covered: string): Parameters {
  const match = PARAMETERS.exec(text)
  if (!match) throw malformed('the parameters are not created, nonce, keyid, alg, tag')
  const [, names, created, nonce, keyId] = match as unknown as [string, string, string, string, string]
  if (names !== covered) throw malformed('the signature covers other components than it must')
  return { created: Number(created), nonce, keyId }
}

function decoded(decode: () => Bytes, what: string): Bytes {
  try {
    return decode()
  } catch (cause) {
    throw new CryptoError(`Malformed request signature: ${what} is not canonical`, {
      code: 'signature-malformed',
      cause,
    })
  }
}

function malformed(reason: string): CryptoError {
  return new CryptoError(`Malformed request signature: ${reason}`, { code: 'signature-malformed' })
}
