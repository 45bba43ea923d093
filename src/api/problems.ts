import type { ErrorRequestHandler, Request, Response } from 'express'
import { CoffreError } from '../crypto/errors.ts'
import { PROBLEM_CODES, type Problem, type ProblemCode } from '../protocol/problems.ts'
import { Refusal } from '../vault/errors.ts'
import { incidentOf, type Log, noteRefusal } from './logging.ts'
import { STATUSES } from './statuses.ts'

/** Largest refused body that is still read to its end, bytes: a part and a little. */
const DRAINED_MAX = 16 * 1024 * 1024

const codes: ReadonlySet<string> = new Set(PROBLEM_CODES)

/**
 * The code that an error is told under. Anything we did not throw on purpose as a refusal is `internal`: no message of
 * a library, and no stack, leaves the host.
 */
export function problemCodeOf(error: unknown): ProblemCode {
  if (CoffreError.is(error) && codes.has(error.code)) return error.code as ProblemCode
  return 'internal'
}

/** The problem document (RFC 9457) of an error, in the language asked for. `incident` only on `internal`. */
export function problemOf(
  error: unknown,
  { language, incident }: { language: 'fr' | 'en'; incident: string },
): Problem & { readonly status: number } {
  const code = problemCodeOf(error)
  const { status, [language]: words } = STATUSES[code]
  const [title, next] = words
  // Messages of refusals are written in English, by us, without values; the French reader gets the table's words alone.
  const said = code !== 'internal' && language === 'en' ? (error as CoffreError).message.trim() : ''
  return {
    type: `urn:coffre:problem:${code}`,
    title,
    status,
    detail: said === '' ? next : said,
    code,
    ...(Refusal.is(error) ? error.extra : {}),
    ...(code === 'internal' ? { incident } : {}),
  }
}

/** French unless the caller prefers English (RFC 9110 §12.5.4). */
function languageOf(request: Pick<Request, 'acceptsLanguages'>): 'fr' | 'en' {
  return request.acceptsLanguages('fr', 'en') === 'en' ? 'en' : 'fr'
}

/** Sends the problem document of an error; after the answer has begun, nothing honest can follow but cutting it. */
function sendProblem(request: Request, response: Response, error: unknown): void {
  if (response.headersSent) {
    response.destroy()
    return
  }
  const problem = problemOf(error, { language: languageOf(request), incident: incidentOf(response) })
  response.status(problem.status)
  if (problem.status === 503) response.setHeader('retry-after', '2') // of 429, `spend` has said when
  response.setHeader('cache-control', 'no-store')
  response.vary('accept-language')
  // What is left of the request is read and dropped, so that its sender sees this answer instead of a broken pipe; a
  // longer one, or one that does not say its length, is cut.
  const length = Number(request.headers['content-length'] ?? Number.NaN)
  if (!request.complete && !(length <= DRAINED_MAX)) response.setHeader('connection', 'close')
  response.type('application/problem+json').send(JSON.stringify(problem))
}

/** Refusals that say nothing of who asked: nobody's chain can hold them, so they are counted in the system chain. */
const OF_STRANGERS: ReadonlySet<ProblemCode> = new Set<ProblemCode>([
  'signature-invalid',
  'clock-skew',
  'key-unknown',
  'key-refused',
  'certificate-refused',
])

/** Counts what strangers tried, and passes on. */
export function noteStranger(strangers: { note(reason: string): void }): ErrorRequestHandler {
  return (error, _request, _response, next) => {
    const code = problemCodeOf(error)
    if (OF_STRANGERS.has(code)) strangers.note(code)
    next(error)
  }
}

/** Express's last handler: the one place where errors become answers. */
export function problemHandler(log: Log): ErrorRequestHandler {
  return (error, request, response, _next) => {
    const refusal = fromExpress(error)
    const code = problemCodeOf(refusal)
    noteRefusal(response, code)
    if (code === 'internal') log.error({ incident: incidentOf(response), err: describe(refusal) }, 'defect')
    sendProblem(request, response, refusal)
  }
}

/** Express refuses undecodable URLs by itself, with an HTTP status on an Error. */
function fromExpress(error: unknown): unknown {
  const status = error instanceof Error && 'status' in error ? error.status : undefined
  return status === 400 ? new Refusal('malformed', 'The address cannot be decoded', { cause: error }) : error
}

/** A defect for the operator's log: class, code and stack; messages of libraries could repeat a value, so not those. */
function describe(error: unknown): object {
  if (!(error instanceof Error)) return { type: typeof error }
  const code = 'code' in error ? error.code : undefined
  const frames = (error.stack ?? '').split('\n').filter(line => /^\s+at /.test(line))
  return {
    type: error.name,
    ...(typeof code === 'string' ? { code } : {}),
    ...(CoffreError.is(error) ? { message: error.message } : {}),
    stack: frames.slice(0, 12).map(line => line.trim()),
    ...(error.cause === undefined ? {} : { cause: describe(error.cause) }),
  }
}
