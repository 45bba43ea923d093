import type { RequestHandler } from 'express'

/** How long a browser may remember a preflight's answer, seconds. */
const PREFLIGHT_AGE_SECONDS = 600

/** Header fields that the patient's pages send beside the safelisted ones (Fetch §2.2.2): signature, session, range. */
const HEADERS = [
  'content-type',
  'content-digest',
  'signature',
  'signature-input',
  'coffre-seen',
  'coffre-session',
  'range',
].join(', ')

/**
 * Lets pages of one origin, the patient's portal, read answers of the patients' listener (Fetch §3.2), without cookies:
 * there are none. Pages of any other origin are told nothing, so their browsers hand them nothing; without a portal in the
 * configuration that goes for all. It keeps other sites' scripts out of a browser, and replaces no check of a request.
 */
export function portalCors(origin: string | null): RequestHandler {
  return (request, response, next) => {
    response.vary('origin')
    if (origin === null || request.headers.origin !== origin) return next()
    response.setHeader('access-control-allow-origin', origin)
    response.setHeader('access-control-expose-headers', 'ratelimit, ratelimit-policy, retry-after')
    if (request.method !== 'OPTIONS' || request.headers['access-control-request-method'] === undefined) return next()
    response.setHeader('access-control-allow-methods', 'GET, POST, PUT')
    response.setHeader('access-control-allow-headers', HEADERS)
    response.setHeader('access-control-max-age', String(PREFLIGHT_AGE_SECONDS))
    response.status(204).end()
  }
}
