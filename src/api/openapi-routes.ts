import { z } from 'zod'
import type { ApiDescription } from './openapi.ts'
import { PAGE_POLICY, pageOf } from './openapi-page.ts'
import { limitRate, RateLimiter } from './rates.ts'
import { publicRoute, type Site } from './route.ts'

/** The description of the API, for programs and for people. */
export function openapiRoutes(site: Site, description: () => ApiDescription): void {
  const before = limitRate(new RateLimiter(site.context.rates, 'read'))
  publicRoute(
    site,
    {
      method: 'GET',
      path: '/v1/openapi.json',
      before,
      summary: 'This description (OpenAPI 3.1)',
      answer: z.looseObject({ openapi: z.literal('3.1.0') }),
    },
    () => description(),
  )
  publicRoute(
    site,
    {
      method: 'GET',
      path: '/v1/openapi.html',
      before,
      summary: 'The same as a page to read',
      answer: 'text/html; charset=utf-8',
    },
    ({ response }) => {
      response.setHeader('content-type', 'text/html; charset=utf-8')
      response.setHeader('content-security-policy', PAGE_POLICY)
      response.end(pageOf(description()))
      return undefined
    },
  )
}
