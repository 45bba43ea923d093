import { Agent, type Dispatcher, errors as undiciErrors } from 'undici'
import type { ZodType } from 'zod'
import { type Bytes, concat, fromUtf8, randomBytes, toBase64url, utf8 } from '../crypto/bytes.ts'
import { signRequest } from '../crypto/httpsig.ts'
import type { SigningKey } from '../crypto/sign.ts'
import type { Anchors } from '../protocol/anchors.ts'
import { Problem } from '../protocol/problems.ts'
import { ConnectionError, HostRefusal, VerificationError } from './errors.ts'

/** Who signs a request: the `keyid` of docs/protocol/api.md and the key it names. */
export interface RequestSigner {
  readonly keyId: string
  readonly key: SigningKey
}

/** Client certificate for the professionals' listener, PEM. */
export interface ClientTls {
  /** Leaf first, then the chain. */
  readonly cert: string
  readonly key: string
  readonly passphrase?: string
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
}

/** `coffre-seen` of a caller who has seen nothing yet: an empty tree (docs/protocol/api.md). */
export const NOTHING_SEEN = 'tree=0:47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU'

/** Largest JSON answer read, bytes: a record's whole state with its placements fits. */
const ANSWER_LIMIT = 64 * 1024 * 1024
/** Milliseconds without an answer after which the host counts as unreachable. */
const ANSWER_TIMEOUT_MS = 60_000

/**
 * One connection pool to one listener of the host: TLS 1.3, no authority but the anchors' own, every answer parsed by
 * its schema. It is the only door through which the SDK speaks to the host.
 *
 * Nothing is sent twice by itself: a request's nonce is single use, and whether a write took effect is for the caller
 * to find out (deposits are idempotent by their hash, states by `prev`).
 */
export class Host {
  readonly #agent: Agent
  readonly #origin: URL
  readonly #clock: () => Date
  readonly #language: string

  constructor(options: HostOptions) {
    this.#origin = new URL(options.anchors.urls[options.listener])
    this.#clock = options.clock ?? (() => new Date())
    this.#language = options.language ?? 'en'
    this.#agent = new Agent({
      allowH2: false,
      headersTimeout: ANSWER_TIMEOUT_MS,
      bodyTimeout: ANSWER_TIMEOUT_MS,
      connect: {
        ca: options.anchors.serverAuthority,
        minVersion: 'TLSv1.3',
        rejectUnauthorized: true, // whatever NODE_TLS_REJECT_UNAUTHORIZED says
        timeout: 10_000,
        ...(options.tls === undefined ? {} : options.tls),
      },
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
    return chunks(response.body)
  }

  /** Closes idle connections; for the end of a program. */
  async close(): Promise<void> {
    await this.#agent.close()
  }

  async #send(request: RequestOptions): Promise<Dispatcher.ResponseData> {
    const query = formatQuery(request.query)
    const body = encodeBody(request.body)
    const headers = this.#headers(request, query, body)
    let response: Dispatcher.ResponseData
    try {
      response = await this.#agent.request({
        origin: this.#origin.origin,
        path: `${request.path}${query}`,
        method: request.method,
        headers,
        body: body.length === 0 ? null : body,
      })
    } catch (cause) {
      throw connectionError(cause, this.#origin.host)
    }
    if (response.statusCode >= 200 && response.statusCode < 300) return response
    throw refusal(response.statusCode, await readText(response.body, 1 << 20), request.path)
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

async function readBytes(body: AsyncIterable<Uint8Array>, limit: number): Promise<Bytes> {
  const parts: Bytes[] = []
  let length = 0
  for await (const part of chunks(body)) {
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

async function readText(body: AsyncIterable<Uint8Array>, limit: number): Promise<string> {
  const bytes = await readBytes(body, limit)
  try {
    return fromUtf8(bytes)
  } catch (cause) {
    throw malformedAnswer('', cause)
  }
}

async function* chunks(body: AsyncIterable<Uint8Array>): AsyncGenerator<Bytes> {
  try {
    for await (const part of body) yield new Uint8Array(part.buffer, part.byteOffset, part.byteLength)
  } catch (cause) {
    if (cause instanceof undiciErrors.UndiciError || isSystemError(cause)) throw connectionError(cause, 'the host')
    throw cause
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

/** Certificate failures are told apart from a host that is down: the first may be an attack, the second is not. */
const UNTRUSTED = /^(CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|ERR_TLS_|ERR_SSL_)/

function isSystemError(error: unknown): error is { code: string } {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
}

function connectionError(cause: unknown, where: string): ConnectionError {
  const code = isSystemError(cause) ? cause.code : ''
  if (UNTRUSTED.test(code)) {
    return new ConnectionError(
      `The connection to ${where} was refused (${code}): its certificate, or ours, is not one the other side accepts`,
      { code: 'host-untrusted', cause },
    )
  }
  return new ConnectionError(
    `Cannot reach the host at ${where}${code === '' ? '' : ` (${code})`}; check that it runs and that the address is right`,
    { code: 'host-unreachable', cause },
  )
}
