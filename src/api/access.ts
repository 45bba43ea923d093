import { RecordId, RequestId } from '../protocol/ids.ts'
import { AccessRequest, AccessRequested, PendingRequests, Receipted, RecordAccess } from '../protocol/messages.ts'
import { Nothing } from './body.ts'
import { BODY_LIMIT } from './limits.ts'
import { pathPart, recordInPath, type Site, signedRoute } from './route.ts'

/** A professional's own access to a record, and the asking for it. */
export function accessRoutes(site: Site): void {
  const { access } = site.context.vault
  const callers = ['professional', 'establishment'] as const
  signedRoute(
    site,
    {
      method: 'GET',
      path: '/v1/records/:r/access',
      callers,
      summary: "The caller's own grant, its place in the state, and who the patient is",
      answer: RecordAccess,
    },
    ({ signed, request }) => access.view(signed, recordInPath(request, signed.caller, RecordId)),
  )
  signedRoute(
    site,
    {
      method: 'POST',
      path: '/v1/access-requests',
      callers,
      limit: BODY_LIMIT.small,
      body: AccessRequest,
      summary: 'Ask a patient for access',
      answer: AccessRequested,
    },
    ({ signed, body }) => access.request(signed, body.ins),
  )
}

/** What the patient sees and says of those who ask. Giving access is a change of state. */
export function accessRequestRoutes(site: Site): void {
  const { access } = site.context.vault
  const callers = ['patient'] as const
  signedRoute(
    site,
    {
      method: 'GET',
      path: '/v1/records/:r/access-requests',
      callers,
      summary: "Requests that wait for the patient's answer",
      answer: PendingRequests,
    },
    ({ signed, request }) => access.pending(signed, recordInPath(request, signed.caller, RecordId)),
  )
  signedRoute(
    site,
    {
      method: 'POST',
      path: '/v1/records/:r/access-requests/:request/deny',
      callers,
      limit: BODY_LIMIT.small,
      body: Nothing,
      summary: 'Refuse a request for access',
      answer: Receipted,
    },
    ({ signed, request }) =>
      access.deny(signed, recordInPath(request, signed.caller, RecordId), pathPart(request, 'request', RequestId)),
  )
}
