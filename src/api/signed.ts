import type { IncomingMessage } from 'node:http'
import type { TLSSocket } from 'node:tls'
import { type Bytes, fromBase64url, fromUtf8, toBase64url } from '../crypto/bytes.ts'
import { CoffreError } from '../crypto/errors.ts'
import { parseBase, parseRequestSignature, type RequestSignature, verifyBase } from '../crypto/httpsig.ts'
import type { VerifyKey } from '../crypto/sign.ts'
import { statementHash } from '../crypto/statement.ts'
import { parseSeen, type Seen } from '../log/seen.ts'
import { ActingPerson } from '../protocol/entry.ts'
import { type Hash, SessionId } from '../protocol/ids.ts'
import type { Caller, SignedRequest } from '../vault/caller.ts'
import { Refusal } from '../vault/errors.ts'
import { checkDigest, readBody } from './body.ts'
import type { Context, ListenerName } from './context.ts'

/** How far `created` may stand from the host's clock, seconds, either way. */
const CREATED_WINDOW_S = 120

/** Who a key id stands for, before the acting person is known. */
export interface Resolved {
  readonly caller: Caller
  readonly verifyKey: VerifyKey
}

/** What a route wants of its signature. */
export interface SignatureRule {
  readonly callers: readonly Caller['kind'][]
  /** A patient must be signed in. */
  readonly session: boolean
  /** For statements that bring their own key: read from the body (whose digest has been checked), not from the vault. */
  readonly keyInBody?: (body: Bytes, keyId: string) => Resolved
}

/** A checked request; `body` null when the route streams it, then `contentDigest` is what it must hash to. */
export interface CheckedRequest {
  readonly request: SignedRequest
  readonly body: Bytes | null
  readonly contentDigest: Bytes
}

/**
 * Checks a request's signature (docs/protocol/request-signature.md), in this order: form, authority, key,
 * signature, time, listener and card, acting person, session, body. Throws the refusal's code; nothing was done before.
 */
export async function checkSigned(
  context: Context,
  incoming: IncomingMessage & { readonly originalUrl: string },
  rule: SignatureRule & { readonly listener: ListenerName; readonly limit: number; readonly stream: boolean },
): Promise<CheckedRequest> {
  const at = context.clock()
  const signature = readSignature(incoming)
  const signed = parseBase(signature.base)
  if (signed.authority !== context.authorities[rule.listener]) {
    throw new Refusal('signature-invalid', 'The request was signed for another host, or for the other listener')
  }

  let body: Bytes | null = null
  let resolved: Resolved
  if (rule.keyInBody !== undefined) {
    body = await readBody(incoming, rule.limit)
    checkDigest(body, signed.contentDigest)
    resolved = rule.keyInBody(body, signature.keyId)
  } else {
    resolved = await resolve(context, signature.keyId)
  }
  if (!verifyBase(signature.base, signature.signature, resolved.verifyKey)) throw new Refusal('signature-invalid', '')
  if (Math.abs(at.getTime() / 1000 - signed.created) > CREATED_WINDOW_S) {
    throw new Refusal('clock-skew', '', { extra: { hostTime: at.toISOString() } })
  }
  if (!rule.callers.includes(resolved.caller.kind)) {
    throw new Refusal('key-refused', 'This route is not for this kind of key')
  }
  await checkListener(context, { caller: resolved.caller, listener: rule.listener, incoming })
  const caller = withActing(resolved.caller, signed.acting)
  const session = await checkSession(context, { caller, header: signed.session, rule, at })

  if (body === null && !rule.stream) {
    body = await readBody(incoming, rule.limit)
    checkDigest(body, signed.contentDigest)
  }
  const request: SignedRequest = {
    caller,
    keyId: signature.keyId,
    nonce: signature.nonce,
    base: signature.base,
    signature: toBase64url(signature.signature),
    seen: readSeen(signed.seen),
    session,
    at,
  }
  return { request, body, contentDigest: signed.contentDigest }
}

function readSignature(incoming: IncomingMessage & { readonly originalUrl: string }): RequestSignature {
  const { headers, originalUrl, method } = incoming
  if (headers['signature-input'] === undefined && headers.signature === undefined) {
    throw new Refusal('request-unsigned', '')
  }
  const mark = originalUrl.indexOf('?')
  const path = mark < 0 ? originalUrl : originalUrl.slice(0, mark)
  const query = mark < 0 ? '' : originalUrl.slice(mark)
  return malformedAs('malformed', () =>
    parseRequestSignature({
      method: method ?? '',
      authority: headers.host ?? '',
      path,
      query: query === '?' ? '' : query,
      headers: singleValues(incoming),
    }),
  )
}

/** Header fields of a signature, and those that it may cover. */
const SIGNED_FIELDS: ReadonlySet<string> = new Set([
  'signature-input',
  'signature',
  'content-digest',
  'coffre-seen',
  'coffre-session',
  'coffre-acting',
])

/** Those of a request, as they were sent. One that was sent twice is refused: which one was meant is nobody's to say. */
function singleValues({ rawHeaders }: IncomingMessage): Record<string, string | undefined> {
  const fields: Record<string, string | undefined> = {}
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] as string).toLowerCase()
    if (!SIGNED_FIELDS.has(name)) continue
    if (fields[name] !== undefined) throw new Refusal('malformed', `${name} was sent more than once`)
    fields[name] = rawHeaders[i + 1] as string
  }
  return fields
}

async function resolve(context: Context, keyId: string): Promise<Resolved> {
  const resolved = await context.vault.callers.resolve(keyId)
  if (resolved === null) throw new Refusal('key-unknown', '')
  return resolved
}

/** Working keys belong to the professionals' listener and to the card of the connection; all other keys to the other. */
async function checkListener(
  context: Context,
  { caller, listener, incoming }: { caller: Caller; listener: ListenerName; incoming: IncomingMessage },
): Promise<void> {
  const isCardHolder = caller.kind === 'professional' || caller.kind === 'establishment'
  if (isCardHolder !== (listener === 'professionals')) {
    throw new Refusal('key-refused', 'This key is for the other listener')
  }
  if (!isCardHolder) return
  const holder = await context.cards.holderOf(incoming.socket as TLSSocket)
  if (holder.kind !== caller.kind || holder.id !== caller.id) {
    throw new Refusal(
      'certificate-refused',
      'The working key belongs to another holder than the card of this connection',
    )
  }
}

/** An establishment says for whom it acts; nobody else has anyone acting. */
function withActing(caller: Caller, header: string | undefined): Caller {
  if (caller.kind !== 'establishment') {
    if (header !== undefined) throw new Refusal('malformed', 'Only establishments send coffre-acting')
    return caller
  }
  if (header === undefined)
    throw new Refusal('malformed', 'An establishment must name the acting person in coffre-acting')
  const acting = malformedAs('malformed', () => ActingPerson.safeParse(JSON.parse(fromUtf8(fromBase64url(header)))))
  if (!acting.success) throw new Refusal('malformed', 'coffre-acting has not the form that the protocol gives it')
  return { ...caller, acting: acting.data }
}

async function checkSession(
  context: Context,
  { caller, header, rule, at }: { caller: Caller; header: string | undefined; rule: SignatureRule; at: Date },
): Promise<SessionId | null> {
  if (caller.kind !== 'patient' || !rule.session) return null
  const session = SessionId.safeParse(header)
  if (!session.success) throw new Refusal('session-required', '')
  await context.vault.sessions.require(session.data, caller.recordId, at)
  return session.data
}

function readSeen(text: string): Seen {
  return malformedAs('malformed', () => parseSeen(text))
}

/** Parsers of `crypto` and `log` have codes of their own; to a caller they all mean a request out of form. */
function malformedAs<T>(code: 'malformed', parse: () => T): T {
  try {
    return parse()
  } catch (cause) {
    const said = CoffreError.is(cause) ? cause.message : 'A header has not the form that the protocol gives it'
    throw new Refusal(code, said, { cause })
  }
}

/** The hash of a statement as ids write it. */
export function statementHashText(statement: string): Hash {
  return toBase64url(statementHash(statement)) as Hash
}

/**
 * For `keyInBody`: the key that a statement in the body brings. Throws `malformed` when there is none to be found,
 * `signature-invalid` when the request names another key id than the statement's.
 */
export function fromBody(find: () => Resolved & { readonly keyId: string }, keyId: string): Resolved {
  let found: Resolved & { readonly keyId: string }
  try {
    found = find()
  } catch (error) {
    if (Refusal.is(error)) throw error
    throw new Refusal('malformed', 'The statement in the body has not the form that the protocol gives it', {
      cause: error,
    })
  }
  if (found.keyId !== keyId) throw new Refusal('signature-invalid', 'keyid does not name the statement in the body')
  return found
}
