import type { z } from 'zod'
import type { Health } from '../protocol/messages.ts'
import { limitRate, type RateLimiter } from './limits.ts'
import { publicRoute, type Site } from './route.ts'

/** Whether the host works, and what its clients must trust. Served while the log cannot be written, too. */
export function healthRoutes(site: Site, limiter: RateLimiter): void {
  const before = limitRate(limiter)
  publicRoute(site, { method: 'GET', path: '/v1/health', before }, async (): Promise<z.infer<typeof Health>> => {
    return site.context.vault.log.health()
  })
  publicRoute(site, { method: 'GET', path: '/v1/anchors', before }, () => site.context.anchors)
}
