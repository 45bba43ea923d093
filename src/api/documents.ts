import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Response } from 'express'
import { z } from 'zod'
import { type Bytes, concat, toBase64url } from '../crypto/bytes.ts'
import { DocumentId, RecordId } from '../protocol/ids.ts'
import { DocumentList, DocumentOpened, DocumentRefusal, Receipted } from '../protocol/messages.ts'
import type { BodyRange } from '../vault/body-reading.ts'
import { Nothing, SHORT_BODY } from './body.ts'
import { BODY_LIMIT } from './limits.ts'
import { isBrokenOff } from './octets.ts'
import { parseRange } from './range.ts'
import { pathPart, queryOf, recordInPath, type Site, signedRoute } from './route.ts'

/** `?after=`: the cursor that the page before gave; absent for the first. */
const ListQuery = z.strictObject({
  after: z
    .string()
    .regex(/^(0|[1-9]\d{0,11})$/)
    .transform(Number)
    .optional(),
})

/** Documents as readers see them: patients on their listener, card holders on theirs, by the same routes. */
export function documentRoutes(site: Site): void {
  const { documents } = site.context.vault
  const callers = site.listener === 'patients' ? (['patient'] as const) : (['professional', 'establishment'] as const)

  signedRoute(
    site,
    {
      method: 'GET',
      path: '/v1/records/:r/documents',
      callers,
      query: ListQuery,
      summary: 'A page of the documents open to the caller, in the order of deposit',
      answer: DocumentList,
    },
    ({ signed, request }) => {
      const { after } = queryOf(request, ListQuery)
      return documents.list(signed, recordInPath(request, signed.caller, RecordId), after ?? null)
    },
  )

  signedRoute(
    site,
    {
      method: 'GET',
      path: '/v1/records/:r/documents/:d',
      callers,
      summary: 'Open a document: an entry that covers fifteen minutes of reading its body; a small one comes at once',
      answer: DocumentOpened,
    },
    async ({ signed, request }): Promise<DocumentOpened> => {
      const record = recordInPath(request, signed.caller, RecordId)
      const { body, ...opened } = await documents.open(signed, record, pathPart(request, 'd', DocumentId))
      return body === null ? opened : { ...opened, body: toBase64url(body) }
    },
  )

  signedRoute(
    site,
    {
      method: 'GET',
      path: '/v1/records/:r/documents/:d/body',
      callers,
      summary: "A range of an open document's ciphertext, or all of it",
      answer: 'application/octet-stream',
    },
    async ({ signed, request, response }) => {
      const range = parseRange(request.headers.range)
      const record = recordInPath(request, signed.caller, RecordId)
      const part = await documents.body(signed, record, pathPart(request, 'd', DocumentId), range)
      await sendOctets(response, { ...part, partial: range !== null })
      return undefined
    },
  )

  signedRoute(
    site,
    {
      method: 'POST',
      path: '/v1/records/:r/documents/:d/refused',
      callers,
      limit: BODY_LIMIT.small,
      body: DocumentRefusal,
      summary: 'Report that a document failed its checks and was not opened',
      answer: Receipted,
    },
    ({ signed, body, request }) =>
      documents.refused(
        signed,
        recordInPath(request, signed.caller, RecordId),
        pathPart(request, 'd', DocumentId),
        body,
      ),
  )
}

/** An author's own document, taken out of professionals' sight. */
export function withdrawRoute(site: Site): void {
  signedRoute(
    site,
    {
      method: 'POST',
      path: '/v1/records/:r/documents/:d/withdraw',
      callers: ['professional', 'establishment'],
      limit: BODY_LIMIT.small,
      body: Nothing,
      summary: 'Withdraw a document of one’s own',
      answer: Receipted,
    },
    ({ signed, request }) =>
      site.context.vault.documents.withdraw(
        signed,
        recordInPath(request, signed.caller, RecordId),
        pathPart(request, 'd', DocumentId),
      ),
  )
}

async function wholeOf(bytes: AsyncIterable<Bytes>): Promise<Bytes> {
  const pieces: Bytes[] = []
  for await (const piece of bytes) pieces.push(piece)
  return concat(...pieces)
}

/**
 * Sends octets no faster than the reader takes them. When the source ends the read (a grant was revoked, the document
 * moved), the connection is cut: the reader sees fewer bytes than were announced, and asks why by asking again.
 */
async function sendOctets(
  response: Response,
  { bytes, start, end, total, partial }: BodyRange & { readonly partial: boolean },
): Promise<void> {
  const whole = end - start <= SHORT_BODY ? await wholeOf(bytes) : null
  response.status(partial ? 206 : 200)
  response.setHeader('content-type', 'application/octet-stream')
  response.setHeader('content-length', end - start)
  response.setHeader('accept-ranges', 'bytes')
  if (partial) response.setHeader('content-range', `bytes ${start}-${end - 1}/${total}`)
  if (whole !== null) return void response.end(whole)
  const source = Readable.from(bytes, { objectMode: false, highWaterMark: 1 << 20 })
  try {
    await pipeline(source, response)
  } catch (error) {
    // The reader went away: nothing to answer, and no defect of ours.
    if (isBrokenOff(error)) return
    throw error
  }
}
