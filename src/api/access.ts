import { z } from 'zod'
import { RecordId, RequestId } from '../protocol/ids.ts'
import { AccessRequest } from '../protocol/messages.ts'
import { BODY_LIMIT } from './limits.ts'
import { pathPart, recordInPath, type Site, signedRoute } from './route.ts'

const Nothing = z.strictObject({})

/** A professional's own access to a record, and the asking for it. */
export function accessRoutes(site: Site): void {
  const { access } = site.context.vault
  const callers = ['professional', 'establishment'] as const
  signedRoute(site, { method: 'GET', path: '/v1/records/:r/access', callers }, ({ signed, request }) =>
    access.view(signed, recordInPath(request, signed.caller, RecordId)),
  )
  signedRoute(
    site,
    { method: 'POST', path: '/v1/access-requests', callers, limit: BODY_LIMIT.small, body: AccessRequest },
    ({ signed, body }) => access.request(signed, body.ins),
  )
}

/** What the patient sees and says of those who ask. Giving access is a change of state. */
export function accessRequestRoutes(site: Site): void {
  const { access } = site.context.vault
  const callers = ['patient'] as const
  signedRoute(site, { method: 'GET', path: '/v1/records/:r/access-requests', callers }, ({ signed, request }) =>
    access.pending(signed, recordInPath(request, signed.caller, RecordId)),
  )
  signedRoute(
    site,
    {
      method: 'POST',
      path: '/v1/records/:r/access-requests/:request/deny',
      callers,
      limit: BODY_LIMIT.small,
      body: Nothing,
    },
    ({ signed, request }) =>
      access.deny(signed, recordInPath(request, signed.caller, RecordId), pathPart(request, 'request', RequestId)),
  )
}
