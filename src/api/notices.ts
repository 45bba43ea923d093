import { z } from 'zod'
import { RecordId } from '../protocol/ids.ts'
import { BODY_LIMIT } from './limits.ts'
import { pathPart, recordInPath, type Site, signedRoute } from './route.ts'

const Nothing = z.strictObject({})
const Choice = z.enum(['on', 'off'])

/** Whether the patient is told by mail of what others do in the record. */
export function noticeRoutes(site: Site): void {
  const route = { method: 'POST', callers: ['patient'], limit: BODY_LIMIT.small, body: Nothing } as const
  signedRoute(site, { ...route, path: '/v1/records/:r/notices/:choice' }, ({ signed, request }) =>
    site.context.vault.notices.choose(
      signed,
      recordInPath(request, signed.caller, RecordId),
      pathPart(request, 'choice', Choice),
    ),
  )
}
