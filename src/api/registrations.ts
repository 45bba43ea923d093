import { VerifyKeyField } from '../protocol/ids.ts'
import { OpeningsQuery, RegistrationImport } from '../protocol/messages.ts'
import { BODY_LIMIT, limitRate, type RateLimiter } from './limits.ts'
import { pathPart, publicRoute, type Site, signedRoute } from './route.ts'

/** The insurer's side: registrations in (each signed by itself), openings out. */
export function registrationRoutes(site: Site, limiters: { import: RateLimiter; read: RateLimiter }): void {
  const { vault } = site.context
  publicRoute(
    site,
    {
      method: 'POST',
      path: '/v1/registrations',
      limit: BODY_LIMIT.small,
      body: RegistrationImport,
      before: limitRate(limiters.import),
    },
    ({ body }) => vault.registrations.import(body),
  )
  publicRoute(
    site,
    { method: 'GET', path: '/v1/registrations/:key', before: limitRate(limiters.read) },
    ({ request }) => vault.registrations.byKey(pathPart(request, 'key', VerifyKeyField)),
  )
  signedRoute(
    site,
    { method: 'POST', path: '/v1/openings', callers: ['insurer'], limit: BODY_LIMIT.small, body: OpeningsQuery },
    ({ signed, body }) => vault.registrations.openings(signed, body.after),
  )
}
