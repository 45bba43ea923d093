import { performance } from 'node:perf_hooks'
import type { Request, RequestHandler, Response } from 'express'
import { destination, type Logger, pino } from 'pino'
import { randomBytes, toHex } from '../crypto/bytes.ts'
import type { ProblemCode } from '../protocol/problems.ts'

/** The operator's log: what happened at the HTTP level, never about whom. */
export type Log = Pick<Logger, 'info' | 'warn' | 'error' | 'debug'>

/**
 * The operator's log, JSON lines on standard error (standard output belongs to the command), or to `sink`.
 * No line carries a URL, an address of a person, an INS, a code, a header or a body: only what `requestLog` picks.
 */
export function openLog(options: { level?: string; sink?: { write(line: string): void } } = {}): Log {
  return pino(
    { level: options.level ?? 'info', base: null, timestamp: () => `,"t":"${new Date().toISOString()}"` },
    options.sink ?? linesToStandardError(),
  )
}

/** How long a line may wait for others, milliseconds, and how many characters of them. */
const LINES = { waitMs: 100, most: 16 * 1024 } as const

/** Lines that go in one write: under load a write each costs more than all else of a line. */
class Lines {
  readonly #output = destination({ fd: 2, sync: false })
  #lines = ''

  write(line: string): void {
    if (this.#lines === '') setTimeout(() => this.flush(), LINES.waitMs).unref()
    this.#lines += line
    if (this.#lines.length > LINES.most) this.flush()
  }

  flush(): void {
    if (this.#lines !== '') this.#output.write(this.#lines)
    this.#lines = ''
  }
}

let standardError: Lines | null = null

/** One for a thread, made when it is first wanted. */
function linesToStandardError(): Lines {
  if (standardError !== null) return standardError
  const lines = new Lines()
  standardError = lines
  // Before the output's own handler, which writes the rest.
  process.prependListener('exit', () => lines.flush())
  return lines
}

interface Trace {
  readonly incident: string
  refused?: ProblemCode
}
/** Incidents of one thread are numbered; its name is drawn, so that no two threads or runs share one. */
const thread = toHex(randomBytes(8))
let incidents = 0

function nextIncident(): string {
  return `${thread}${(incidents++).toString(16).padStart(8, '0')}`
}

const traces = new WeakMap<Response, Trace>()

function traceOf(response: Response): Trace {
  let trace = traces.get(response)
  if (trace === undefined) {
    trace = { incident: nextIncident() }
    traces.set(response, trace)
  }
  return trace
}

/** The number under which this request stands in the log; told to the caller when the host has a defect. */
export function incidentOf(response: Response): string {
  return traceOf(response).incident
}

/** Remembers the code of a refusal for the request's line. */
export function noteRefusal(response: Response, code: ProblemCode): void {
  traceOf(response).refused = code
}

/** One line a request: method, the route's pattern (not the URL), status, duration, refusal, incident. */
export function requestLog(log: Log): RequestHandler {
  return (request: Request, response: Response, next) => {
    const begun = performance.now()
    response.once('close', () => {
      const { incident, refused } = traceOf(response)
      log.info({
        incident,
        method: request.method,
        route: typeof request.route?.path === 'string' ? request.route.path : 'none',
        status: response.statusCode,
        ...(refused === undefined ? {} : { code: refused }),
        ...(response.writableFinished ? {} : { cut: true }),
        ms: Math.round((performance.now() - begun) * 10) / 10,
      })
    })
    next()
  }
}
