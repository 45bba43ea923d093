import { Anchors } from '../protocol/anchors.ts'
import { Health } from '../protocol/messages.ts'
import { limitRate, type RateLimiter } from './limits.ts'
import { publicRoute, type Site } from './route.ts'

/** Whether the host works, and what its clients must trust. Served while the log cannot be written, too. */
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
      path: '/v1/anchors',
      before,
      summary: 'The trust anchors this host was configured with; a client takes its own from the programme',
      answer: Anchors,
    },
    () => site.context.anchors,
  )
}
