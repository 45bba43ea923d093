import { Anchors } from '../protocol/anchors.ts'
import { Health, PortalLogged } from '../protocol/messages.ts'
import { limitRate, type RateLimiter } from './rates.ts'
import { publicRoute, type Site } from './route.ts'

/** Whether the host works, what its clients must trust, and which pages the programme has published. Served while the log cannot be written, too. */
export function healthRoutes(site: Site, limiter: RateLimiter): void {
  const before = limitRate(limiter)
  publicRoute(
    site,
    {
      method: 'GET',
      path: '/v1/health',
      before,
      summary: 'Whether the host works, also while its log cannot be written',
      answer: Health,
    },
    async (): Promise<Health> => site.context.vault.log.health(),
  )
  publicRoute(
    site,
    {
      method: 'GET',
      path: '/v1/portal',
      before,
      summary: 'The log’s entry that names the build of the patient’s pages, for whoever verifies them',
      answer: PortalLogged,
    },
    async (): Promise<PortalLogged> => site.context.vault.portal.logged(),
  )
  publicRoute(
    site,
    {
      method: 'GET',
      path: '/v1/anchors',
      before,
      summary: 'The trust anchors this host was configured with; a client takes its own from the programme',
      answer: Anchors,
    },
    () => site.context.anchors,
  )
}
