import express, { type Express, Router } from 'express'
import helmet from 'helmet'
import { Refusal } from '../vault/errors.ts'
import { accessRequestRoutes, accessRoutes } from './access.ts'
import { activationRoutes } from './activation.ts'
import type { Context, ListenerName } from './context.ts'
import { portalCors } from './cors.ts'
import { contactRoutes, deviceRoutes, pairingRoutes } from './devices.ts'
import { directoryReadRoutes, keyRoutes } from './directory.ts'
import { documentRoutes, withdrawRoute } from './documents.ts'
import { eventRoutes } from './events.ts'
import { healthRoutes } from './health.ts'
import { logRoutes } from './log.ts'
import { requestLog } from './logging.ts'
import { noticeRoutes } from './notices.ts'
import { describeApi } from './openapi.ts'
import { openapiRoutes } from './openapi-routes.ts'
import { noteStranger, problemHandler } from './problems.ts'
import { RateLimiter } from './rates.ts'
import { epochRoute, identityRoute, recordRoutes } from './records.ts'
import { proposalRoutes, proposedRoute, recoveryStartRoute, recoveryStopRoute } from './recoveries.ts'
import { registrationRoutes } from './registrations.ts'
import type { DescribedRoute, Site } from './route.ts'
import { sessionRoutes } from './sessions.ts'
import { signInRoutes } from './sign-in.ts'
import { depositRoute, uploadRoutes } from './uploads.ts'

/** Routes of the patients' listener; also the insurer's, the log's and the auditors'. */
function patientRoutes(site: Site): void {
  registrationRoutes(site, {
    import: new RateLimiter(site.context.rates, 'import'),
    read: new RateLimiter(site.context.rates, 'read'),
  })
  const signIn = new RateLimiter(site.context.rates, 'sign-in')
  signInRoutes(site, signIn)
  pairingRoutes(site, signIn)
  activationRoutes(site)
  sessionRoutes(site)
  recordRoutes(site)
  accessRequestRoutes(site)
  noticeRoutes(site)
  eventRoutes(site)
  deviceRoutes(site)
  contactRoutes(site)
  proposalRoutes(site)
  recoveryStopRoute(site)
}

/** Routes of the professionals' listener. */
function professionalRoutes(site: Site): void {
  keyRoutes(site)
  accessRoutes(site)
  uploadRoutes(site)
  depositRoute(site)
  withdrawRoute(site)
  recoveryStartRoute(site)
}

/** Routes of both. */
function sharedRoutes(site: Site): void {
  // The router tries one after the other: what is asked for most stands first.
  documentRoutes(site)
  const reads = new RateLimiter(site.context.rates, 'read')
  healthRoutes(site, reads)
  logRoutes(site, reads)
  directoryReadRoutes(site, reads)
  epochRoute(site)
  identityRoute(site)
  proposedRoute(site)
}

/** The routes of both listeners, exactly those of docs/protocol/api.md; each of the two describes them all. */
export function makeApps(context: Context): Readonly<Record<ListenerName, Express>> {
  const routes: DescribedRoute[] = []
  const siteOf = (listener: ListenerName): Site => {
    const router = Router({ caseSensitive: true, strict: true })
    return { router, context, listener, routes }
  }
  const patients = siteOf('patients')
  const professionals = siteOf('professionals')
  const description = describeApi(() => routes, context.anchors)
  for (const site of [patients, professionals]) {
    sharedRoutes(site)
    openapiRoutes(site, description)
  }
  patientRoutes(patients)
  professionalRoutes(professionals)
  return { patients: makeApp(patients), professionals: makeApp(professionals) }
}

/** The same few middlewares around a listener's routes. */
function makeApp({ router, context, listener }: Site): Express {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.set('query parser', false)
  app.use(requestLog(context.log))
  app.use(helmet({ contentSecurityPolicy: { directives: { defaultSrc: ["'none'"] }, useDefaults: false } }))
  if (listener === 'patients') app.use(portalCors(context.portal))
  app.use((request, _response, next) => {
    // Express answers HEAD by the route of GET; here a method without a route of its own has none.
    const isKnown = ['GET', 'POST', 'PUT'].includes(request.method)
    next(isKnown ? undefined : new Refusal('no-such-route', 'There is no such method here'))
  })
  app.use(router)
  app.use((_request, _response, next) => next(new Refusal('no-such-route', '')))
  app.use(noteStranger(context.vault.strangers))
  app.use(problemHandler(context.log))
  return app
}
