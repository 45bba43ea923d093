import { z } from 'zod'
import { RecordId, UploadId } from '../protocol/ids.ts'
import { DepositRequest, Receipted, UploadStart, UploadStarted } from '../protocol/messages.ts'
import { Nothing } from './body.ts'
import { BODY_LIMIT } from './limits.ts'
import { pathPart, recordInPath, type Site, signedRoute, streamRoute } from './route.ts'

/** Number of a part, 0 first; 2^40 bytes are 131,072 parts. */
const PartNumber = z
  .string()
  .regex(/^(0|[1-9]\d{0,5})$/)
  .transform(Number)

/** Uploads: started, then filled by parts of 8 MiB that are never held whole here. */
export function uploadRoutes(site: Site): void {
  const { uploads } = site.context.vault
  const callers = ['professional', 'establishment'] as const
  signedRoute(
    site,
    {
      method: 'POST',
      path: '/v1/records/:r/uploads',
      callers,
      limit: BODY_LIMIT.small,
      body: UploadStart,
      summary: 'Begin an upload of ciphertext',
      answer: UploadStarted,
    },
    ({ signed, body, request }) => uploads.start(signed, recordInPath(request, signed.caller, RecordId), body),
  )
  streamRoute(
    site,
    {
      method: 'PUT',
      path: '/v1/records/:r/uploads/:u/parts/:n',
      callers,
      limit: BODY_LIMIT.part,
      summary: 'Send part n of an upload, or send it again',
      answer: Nothing,
    },
    async ({ signed, source, contentDigest, request }) => {
      const record = recordInPath(request, signed.caller, RecordId)
      const upload = pathPart(request, 'u', UploadId)
      const n = pathPart(request, 'n', PartNumber)
      await uploads.part(signed, { record, upload, n }, source, contentDigest)
      return {}
    },
  )
}

/** Committing an upload as a document. */
export function depositRoute(site: Site): void {
  signedRoute(
    site,
    {
      method: 'POST',
      path: '/v1/records/:r/documents',
      callers: ['professional', 'establishment'],
      limit: BODY_LIMIT.statements,
      body: DepositRequest,
      summary: 'Make an upload a document',
      answer: Receipted,
    },
    ({ signed, body, request }) =>
      site.context.vault.uploads.deposit(signed, recordInPath(request, signed.caller, RecordId), body),
  )
}
