import type { ZodType } from 'zod'
import { openTransport } from '#transport'
import { type Bytes, concat, fromUtf8, randomBytes, toBase64url, utf8 } from '../crypto/bytes.ts'
import { signRequest } from '../crypto/httpsig.ts'
import type { SigningKey } from '../crypto/sign.ts'
import type { Anchors } from '../protocol/anchors.ts'
import { Problem } from '../protocol/problems.ts'
import { ConnectionError, HostRefusal, VerificationError } from './errors.ts'
import type { ClientTls, Transport, TransportAnswer } from './transport.ts'

/** Who signs a request: the `keyid` of docs/protocol/api.md and the key it names. */
export interface RequestSigner {
  readonly keyId: string
  readonly key: SigningKey
}

/** How to reach the host. */
export interface HostOptions {
  readonly anchors: Anchors
  readonly listener: 'patients' | 'professionals'
  readonly tls?: ClientTls
  /** The time that signs requests; the platform's unless a development world gives another. */
  readonly clock?: () => Date
  /** Language of the host's refusals, for people; English unless given. */
  readonly language?: 'fr' | 'en'
}

/** One request, without what is the same in all. */
export interface RequestOptions {
  readonly method: 'GET' | 'POST' | 'PUT'
  /** As in docs/protocol/api.md, filled in: `/v1/records/…`. Every variable part is an id, so nothing needs escaping. */
  readonly path: string
  readonly query?: Readonly<Record<string, string | number>>
  /** An object goes as JSON, bytes as octets; none is an empty body. */
  readonly body?: object | Bytes
  /** Without one the request is not signed. */
  readonly signer?: RequestSigner
  /** `coffre-session` of a signed-in patient. */
  readonly session?: string
  /** `coffre-acting`: the JSON of an establishment's acting person, before base64url. */
  readonly acting?: object
  /** `coffre-seen`, formatted (src/log/seen.ts); without one a signed request says that nothing was seen. */
  readonly seen?: string
  /** `Range: bytes=from-to`, both included. */
  readonly range?: { readonly from: number; readonly to: number }
  /** Gives the request up, its answer's body too: what is awaited then rejects with the signal's reason. */
  readonly signal?: AbortSignal
}

/** `coffre-seen` of a caller who has seen nothing yet: an empty tree (docs/protocol/api.md). */
export const NOTHING_SEEN = 'tree=0:47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU'

/** Largest JSON answer read, bytes: a record's whole state with its placements fits. */
const ANSWER_LIMIT = 64 * 1024 * 1024

/**
 * The connections to one listener of the host, over the platform's transport (`transport-undici.ts` in Node: TLS 1.3, no
 * authority but the anchors' own; `transport-fetch.ts` in browsers), every answer parsed by its schema. It is the only door through which the SDK speaks to the host.
 *
 * Nothing is sent twice by itself: a request's nonce is single use, and whether a write took effect is for the caller
 * to find out (deposits are idempotent by their hash, states by `prev`).
 */
export class Host {
  readonly #transport: Transport
  readonly #origin: URL
  readonly #clock: () => Date
  readonly #language: string

  constructor(options: HostOptions) {
    this.#origin = new URL(options.anchors.urls[options.listener])
    this.#clock = options.clock ?? (() => new Date())
    this.#language = options.language ?? 'en'
    this.#transport = openTransport({
      origin: this.#origin,
      serverAuthority: options.anchors.serverAuthority,
      ...(options.tls === undefined ? {} : { tls: options.tls }),
    })
  }

  /**
   * Sends one request and returns its JSON answer, parsed by `answer`.
   * Throws `HostRefusal` (the host said no), `ConnectionError` (`host-unreachable`, `host-untrusted`) or
   * `VerificationError` `answer-malformed` (what came back is not what the protocol says).
   */
  async call<T>(request: RequestOptions & { readonly answer: ZodType<T> }): Promise<T> {
    const response = await this.#send(request)
    const text = await readText(response.body, ANSWER_LIMIT)
    const parsed = request.answer.safeParse(parseJson(text))
    if (!parsed.success) throw malformedAnswer(request.path, parsed.error)
    return parsed.data
  }

  /** The same for an answer of octets or plain text, at most `limit` bytes: checkpoints, tiles. */
  async bytes(request: RequestOptions & { readonly limit: number }): Promise<Bytes> {
    const response = await this.#send(request)
    return readBytes(response.body, request.limit)
  }

  /** The same for octets of any length, as they come: a document's body. Stop reading early by leaving the loop. */
  async stream(request: RequestOptions): Promise<AsyncIterable<Bytes>> {
    const response = await this.#send(request)
    return response.body
  }

  /** Closes idle connections; for the end of a program. */
  async close(): Promise<void> {
    await this.#transport.close()
  }

  async #send(request: RequestOptions): Promise<TransportAnswer> {
    const query = formatQuery(request.query)
    const body = encodeBody(request.body)
    const answer = await this.#transport.send({
      method: request.method,
      target: `${request.path}${query}`,
      headers: this.#headers(request, query, body),
      body: body.length === 0 ? null : body,
      ...(request.signal === undefined ? {} : { signal: request.signal }),
    })
    if (answer.status >= 200 && answer.status < 300) return answer
    throw refusal(answer.status, await readText(answer.body, 1 << 20), request.path)
  }

  #headers(request: RequestOptions, query: string, body: Bytes): Record<string, string> {
    const headers: Record<string, string> = { accept: 'application/json', 'accept-language': this.#language }
    if (request.range !== undefined) headers.range = `bytes=${request.range.from}-${request.range.to}`
    if (request.body !== undefined) {
      headers['content-type'] = request.body instanceof Uint8Array ? 'application/octet-stream' : 'application/json'
    }
    if (request.signer === undefined) return headers
    headers['coffre-seen'] = request.seen ?? NOTHING_SEEN
    if (request.session !== undefined) headers['coffre-session'] = request.session
    if (request.acting !== undefined) headers['coffre-acting'] = toBase64url(utf8(JSON.stringify(request.acting)))
    const signed = signRequest(
      { method: request.method, authority: this.#origin.host, path: request.path, query, headers, body },
      {
        keyId: request.signer.keyId,
        key: request.signer.key,
        created: Math.floor(this.#clock().getTime() / 1000),
        nonce: toBase64url(randomBytes(16)),
      },
    )
    return { ...headers, ...signed }
  }
}

/** `?a=1&b=2`, or the empty text without parameters. */
function formatQuery(query: RequestOptions['query']): string {
  if (query === undefined) return ''
  const pairs = Object.entries(query).map(([name, value]) => [name, String(value)])
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs).toString()}`
}

function encodeBody(body: RequestOptions['body']): Bytes {
  if (body === undefined) return new Uint8Array(0)
  return body instanceof Uint8Array ? body : utf8(JSON.stringify(body))
}

async function readBytes(body: AsyncIterable<Bytes>, limit: number): Promise<Bytes> {
  const parts: Bytes[] = []
  let length = 0
  for await (const part of body) {
    length += part.length
    if (length > limit) {
      throw new VerificationError(`The host's answer is longer than ${limit} bytes; this is not what was asked for`, {
        code: 'answer-too-large',
      })
    }
    parts.push(part)
  }
  return concat(...parts)
}

async function readText(body: AsyncIterable<Bytes>, limit: number): Promise<string> {
  const bytes = await readBytes(body, limit)
  try {
    return fromUtf8(bytes)
  } catch (cause) {
    throw malformedAnswer('', cause)
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw malformedAnswer('', cause)
  }
}

function refusal(status: number, text: string, path: string): Error {
  let problem: unknown = null
  try {
    problem = JSON.parse(text)
  } catch {
    // Not even JSON: reported below as malformed, with the status.
  }
  const parsed = Problem.safeParse(problem)
  if (!parsed.success) {
    return new ConnectionError(
      `What answered ${path} (status ${status}) does not speak this protocol; check the anchors' url`,
      {
        code: 'answer-malformed',
        cause: parsed.error,
      },
    )
  }
  const { code, title, detail, hostTime } = parsed.data
  return new HostRefusal(detail === '' ? title : detail, { code, status, hostTime })
}

function malformedAnswer(path: string, cause: unknown): VerificationError {
  return new VerificationError(
    `The host's answer${path === '' ? '' : ` to ${path}`} is not what the protocol says; nothing of it was used`,
    { code: 'answer-malformed', cause },
  )
}
