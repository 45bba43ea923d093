import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { z } from 'zod'
import { RecordId } from '../protocol/ids.ts'
import { isBrokenOff } from './octets.ts'
import { queryOf, recordInPath, type Site, signedRoute } from './route.ts'

/** `?after=`: the number of the last entry known; left out for what comes from now on. */
const EventsQuery = z.strictObject({
  after: z
    .string()
    .regex(/^(-1|0|[1-9]\d{0,11})$/)
    .transform(Number)
    .optional(),
})

/** What comes, told to a patient's open client as it comes (server-sent events, WHATWG HTML §9.2). */
export function eventRoutes(site: Site): void {
  signedRoute(
    site,
    {
      method: 'GET',
      path: '/v1/records/:r/events',
      callers: ['patient'],
      query: EventsQuery,
      summary: 'Requests and acts that are told, as they come',
      answer: 'text/event-stream',
    },
    async ({ signed, request, response }) => {
      const { after } = queryOf(request, EventsQuery)
      const record = recordInPath(request, signed.caller, RecordId)
      const { events } = await site.context.vault.events.listen(signed, record, after ?? null)
      response.status(200)
      response.setHeader('content-type', 'text/event-stream')
      response.flushHeaders()
      try {
        await pipeline(Readable.from(events, { objectMode: false }), response)
      } catch (error) {
        // The client went away, as clients do.
        if (!isBrokenOff(error)) throw error
      }
      return undefined
    },
  )
}
