import { z } from 'zod'
import { RecordId } from '../protocol/ids.ts'
import { Receipted } from '../protocol/messages.ts'
import { Nothing } from './body.ts'
import { BODY_LIMIT } from './limits.ts'
import { pathPart, recordInPath, type Site, signedRoute } from './route.ts'

const Choice = z.enum(['on', 'off'])

/** Whether the patient is told by mail of what others do in the record. */
export function noticeRoutes(site: Site): void {
  const route = { method: 'POST', callers: ['patient'], limit: BODY_LIMIT.small, body: Nothing } as const
  signedRoute(
    site,
    {
      ...route,
      path: '/v1/records/:r/notices/:choice',
      summary: 'Be told by mail of what others do in the record, or no longer',
      answer: Receipted,
    },
    ({ signed, request }) =>
      site.context.vault.notices.choose(
        signed,
        recordInPath(request, signed.caller, RecordId),
        pathPart(request, 'choice', Choice),
      ),
  )
}
