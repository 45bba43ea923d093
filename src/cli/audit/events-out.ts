/** Where events go: a file of one of three forms, or a collector. One event at a time, never more than one in memory. */

import { once } from 'node:events'
import { createWriteStream, type WriteStream } from 'node:fs'
import type { Act } from '../../log/events/act.ts'
import { auditMessage } from '../../log/events/atna.ts'
import { auditEvent } from '../../log/events/fhir.ts'
import { syslogMessage } from '../../log/events/syslog.ts'
import { UsageError } from '../command.ts'
import { type Collector, connectSyslog } from './syslog-send.ts'

export const FORMS = ['ndjson', 'bundle', 'atna'] as const
export type Form = (typeof FORMS)[number]

export interface EventSink {
  put(act: Act): Promise<void>
  /** Says that all was given. */
  close(): Promise<void>
}

/** Messages to a collector. Throws as `connectSyslog`. */
export async function collectorSink(collector: Collector): Promise<EventSink> {
  const sender = await connectSyslog(collector)
  return { put: act => sender.send(messageOf(act)), close: () => sender.close() }
}

/** Events to a file, made new. Throws `UsageError` `file-unwritable`. */
export async function fileSink(file: string, form: Form): Promise<EventSink> {
  const stream = createWriteStream(file, { mode: 0o600, flags: 'w' })
  const failed = new Promise<never>((_, reject) =>
    stream.on('error', cause =>
      reject(new UsageError(`${file} cannot be written; check the path`, { code: 'file-unwritable', cause })),
    ),
  )
  failed.catch(() => {}) // told by whoever waits next
  const write = (bytes: string | Uint8Array) => Promise.race([written(stream, bytes), failed])
  await Promise.race([once(stream, 'open'), failed])
  let first = true
  if (form === 'bundle') await write('{"resourceType":"Bundle","type":"collection","entry":[')
  return {
    async put(act) {
      if (form === 'atna') {
        await write(messageOf(act))
        await write('\n')
      } else if (form === 'ndjson') await write(`${JSON.stringify(auditEvent(act))}\n`)
      else await write(`${first ? '\n' : ',\n'}${JSON.stringify({ resource: auditEvent(act) })}`)
      first = false
    },
    async close() {
      if (form === 'bundle') await write('\n]}\n')
      stream.end()
      await Promise.race([once(stream, 'close'), failed])
    },
  }
}

const messageOf = (act: Act): Uint8Array =>
  syslogMessage(
    { t: act.entry.parsed.event.t, hostname: new URL(act.deployment.urls.patients).hostname },
    auditMessage(act),
  )

async function written(stream: WriteStream, bytes: string | Uint8Array): Promise<void> {
  if (!stream.write(bytes)) await once(stream, 'drain')
}
