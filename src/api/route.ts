import type { Request, RequestHandler, Response, Router } from 'express'
import type { z } from 'zod'
import type { Bytes } from '../crypto/bytes.ts'
import type { RecordId } from '../protocol/ids.ts'
import type { Caller, SignedRequest } from '../vault/caller.ts'
import { Refusal } from '../vault/errors.ts'
import { boundedBody, declaredLength, parseAs, parseJson, readBody, type Schema, SHORT_BODY } from './body.ts'
import type { Context, ListenerName } from './context.ts'
import { RateLimiter, spend } from './rates.ts'
import { checkSigned, type SignatureRule } from './signed.ts'

/** Methods of the protocol. Anything else, HEAD included, is no route. */
export type Method = 'GET' | 'POST' | 'PUT'

/** An unsigned or signed route; `path` in Express's form, each `:name` an id that its handler parses. */
export interface RouteCommon {
  readonly method: Method
  readonly path: string
  /** What it is for, one line: the API's description repeats it. */
  readonly summary: string
  /** What it answers when it does not refuse: JSON by its schema, or something else by its media type. */
  readonly answer: z.ZodType | MediaType
  /** Largest body, bytes; 0 for GET. */
  readonly limit?: number
  /** Schema of the query, which the handler reads by `queryOf`; where there is none, a query is refused. */
  readonly query?: z.ZodObject
}

/** Answers that are not JSON. */
export type MediaType =
  | 'application/octet-stream'
  | 'text/plain; charset=utf-8'
  | 'text/html; charset=utf-8'
  | 'text/event-stream'

/** A route as it is told to the outside (openapi.ts): gathered where it is made, so that none is left out. */
export interface DescribedRoute extends Pick<RouteCommon, 'method' | 'path' | 'summary' | 'answer' | 'query'> {
  readonly listener: ListenerName
  /** Kinds of key that it takes; none when anybody may call. */
  readonly signedBy: readonly Caller['kind'][]
  /** Whether a patient needs an open session. */
  readonly session: boolean
  readonly body?: z.ZodType | MediaType
}

/** Where routes of one listener are gathered: Express's router, and what the handlers are given. */
export interface Site {
  readonly router: Router
  readonly context: Context
  readonly listener: ListenerName
  /** Every route of every listener, as `add` gathers them. */
  readonly routes: DescribedRoute[]
}

type Answer = object | undefined

/** Adds a route that anybody may call. The handler's answer is sent as JSON; `undefined` means that it sent its own. */
export function publicRoute<T = Record<string, never>>(
  site: Site,
  route: RouteCommon & { readonly body?: z.ZodType<T>; readonly before?: RequestHandler },
  handler: (call: { body: T; request: Request; response: Response; at: Date }) => Promise<Answer> | Answer,
): void {
  add(site, { signedBy: [], session: false, ...route }, async (request, response) => {
    const { limit = 0, body: schema } = route
    const bytes = await readBody(request, limit)
    if (schema === undefined && bytes.length > 0) throw new Refusal('malformed', 'This route takes no body')
    const body = schema === undefined ? ({} as T) : parseJson(bytes, schema)
    return handler({ body, request, response, at: site.context.clock() })
  })
}

/** What a signed route's handler is given. */
export interface SignedCall<C extends Caller, T> {
  readonly signed: SignedRequest<C>
  readonly body: T
  readonly request: Request
  readonly response: Response
}

/** Adds a signed route. `callers` are the kinds of key that it takes; the handler sees no other. */
export function signedRoute<K extends Caller['kind'], T = Record<string, never>>(
  site: Site,
  route: RouteCommon &
    Omit<SignatureRule, 'callers' | 'session'> & {
      readonly callers: readonly K[]
      /** Patients need an open session here; true unless said otherwise. */
      readonly session?: boolean
      readonly body?: z.ZodType<T>
    },
  handler: (call: SignedCall<Extract<Caller, { kind: K }>, T>) => Promise<Answer> | Answer,
): void {
  const { limit = 0, body: schema, callers, session = true, keyInBody } = route
  const signedRate = new RateLimiter(site.context.rates, 'signed')
  add(site, { ...route, signedBy: callers, session }, async (request, response) => {
    const checked = await checkSigned(site.context, request, {
      callers,
      session,
      ...(keyInBody === undefined ? {} : { keyInBody }),
      listener: site.listener,
      limit,
      stream: false,
    })
    spend(signedRate, checked.request.keyId, response)
    const bytes = checked.body ?? new Uint8Array()
    if (schema === undefined && bytes.length > 0) throw new Refusal('malformed', 'This route takes no body')
    const body = schema === undefined ? ({} as T) : parseJson(bytes, schema)
    const signed = checked.request as SignedRequest<Extract<Caller, { kind: K }>>
    return handler({ signed, body, request, response })
  })
}

/**
 * Adds a signed route whose body is octets: a short one is handed on in one piece, any other as it comes and never held
 * whole. Whoever takes them must compare their SHA-256 with `contentDigest`, which is what was signed, and keep nothing otherwise.
 */
export function streamRoute<K extends Caller['kind']>(
  site: Site,
  route: RouteCommon & { readonly callers: readonly K[]; readonly limit: number },
  handler: (call: {
    signed: SignedRequest<Extract<Caller, { kind: K }>>
    source: AsyncIterable<Bytes> | readonly Bytes[]
    contentDigest: Bytes
    request: Request
  }) => Promise<Answer>,
): void {
  const { callers, limit } = route
  const described = { ...route, signedBy: callers, session: true, body: 'application/octet-stream' } as const
  const signedRate = new RateLimiter(site.context.rates, 'signed')
  add(site, described, async (request, response) => {
    const length = declaredLength(request, limit)
    const isShort = length !== null && length <= SHORT_BODY
    const rule = { callers, session: true, listener: site.listener, limit, stream: true }
    const checked = await checkSigned(site.context, request, rule)
    spend(signedRate, checked.request.keyId, response)
    return handler({
      signed: checked.request as SignedRequest<Extract<Caller, { kind: K }>>,
      source: isShort ? [await readBody(request, SHORT_BODY)] : boundedBody(request, limit),
      contentDigest: checked.contentDigest,
      request,
    })
  })
}

function add(
  { router, routes, listener }: Site,
  route: Omit<DescribedRoute, 'listener'> & { readonly before?: RequestHandler },
  run: (request: Request, response: Response) => Promise<Answer>,
): void {
  const { method, path, query, before } = route
  const { summary, answer, body, signedBy, session } = route
  routes.push({
    listener,
    method,
    path,
    summary,
    answer,
    signedBy,
    session,
    ...(query && { query }),
    ...(body && { body }),
  })
  const handler: RequestHandler = async (request, response) => {
    response.setHeader('cache-control', 'no-store')
    if (query === undefined && request.originalUrl.includes('?'))
      throw new Refusal('malformed', 'This route takes no query')
    const answer = await run(request, response)
    if (answer !== undefined) sendJson(response, answer)
  }
  const verb = method.toLowerCase() as Lowercase<Method>
  router[verb](path, ...(before === undefined ? [] : [before]), handler)
}

/** As `response.json`, without asking what the type of JSON is and whether the answer is fresh, each time anew. */
function sendJson(response: Response, answer: object): void {
  const text = JSON.stringify(answer)
  response.setHeader('content-type', 'application/json; charset=utf-8')
  response.setHeader('content-length', Buffer.byteLength(text))
  response.end(text)
}

/** A part of the path by its schema. Throws `malformed`. */
export function pathPart<T>(request: Request, name: string, schema: Schema<T>): T {
  return parseAs(request.params[name], schema, `{${name}}`)
}

/** The record in the path. A patient has one record: of any other, nothing is known to them. Throws `record-unknown`. */
export function recordInPath(request: Request, caller: Caller, schema: Schema<RecordId>): RecordId {
  const record = pathPart(request, 'r', schema)
  const isOwn = caller.kind === 'patient' || caller.kind === 'candidate'
  if (isOwn && caller.recordId !== record) throw new Refusal('record-unknown', '')
  return record
}

/** The query by its schema; each name once. Throws `malformed`. */
export function queryOf<T>(request: Request, schema: Schema<T>): T {
  const mark = request.originalUrl.indexOf('?')
  const pairs = new URLSearchParams(mark < 0 ? '' : request.originalUrl.slice(mark + 1))
  const names = [...pairs.keys()]
  if (new Set(names).size !== names.length) throw new Refusal('malformed', 'A parameter of the query stands twice')
  return parseAs(Object.fromEntries(pairs), schema, 'query')
}
