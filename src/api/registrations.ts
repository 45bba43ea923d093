import { VerifyKeyField } from '../protocol/ids.ts'
import {
  Openings,
  OpeningsQuery,
  RegistrationFound,
  RegistrationImport,
  RegistrationImported,
} from '../protocol/messages.ts'
import { BODY_LIMIT } from './limits.ts'
import { limitRate, type RateLimiter } from './rates.ts'
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
      summary: 'Import the registration of a mailed code, signed by the insurer',
      answer: RegistrationImported,
    },
    ({ body }) => vault.registrations.import(body),
  )
  publicRoute(
    site,
    {
      method: 'GET',
      path: '/v1/registrations/:key',
      before: limitRate(limiters.read),
      summary: 'The registration under the public key of a mailed code',
      answer: RegistrationFound,
    },
    ({ request }) => vault.registrations.byKey(pathPart(request, 'key', VerifyKeyField)),
  )
  signedRoute(
    site,
    {
      method: 'POST',
      path: '/v1/openings',
      callers: ['insurer'],
      limit: BODY_LIMIT.small,
      body: OpeningsQuery,
      summary: 'Records opened after a cursor, so that the second letter can leave',
      answer: Openings,
    },
    ({ signed, body }) => vault.registrations.openings(signed, body.after),
  )
}
