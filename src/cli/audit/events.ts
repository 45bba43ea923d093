import { readHolders } from '../../log/audit/holders.ts'
import { type StoredEntry, WHOLE } from '../../log/audit/source.ts'
import { type ParsedEntry, parseEntry } from '../../log/entry.ts'
import { LogError } from '../../log/errors.ts'
import { actOf } from '../../log/events/act.ts'
import { type Arguments, type Command, requiredOption, textOption, UsageError } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { collectorSink, type EventSink, FORMS, type Form, fileSink } from './events-out.ts'
import { readAnchors, readText, storeOf } from './inputs.ts'
import { openStoreSource } from './store-source.ts'

/** Entries read at a time: some megabytes. */
const RANGE = 1024

interface Told {
  readonly events: number
  /** Entries that cannot be read: an audit tells which. */
  readonly unreadable: number
  /** Where the next run goes on. */
  readonly next: number
}

/** `coffre audit events`. */
export const command: Command = {
  name: 'audit events',
  summary: 'tell the log’s entries as FHIR AuditEvents or ATNA messages',
  help: `Writes each entry of a store or an export as an event that other systems understand: as a FHIR R4 AuditEvent in the
patterns of IHE BALP, or as a DICOM audit message in a syslog message (IHE ATNA, RFC 5424), into a file or to a collector.
docs/audit-events.md says what becomes of each action. Nothing is checked, and nothing is left out: to check, run
coffre audit verify first. No INS, title or content is in the log, so none is in an event; records stand under their ids.

  coffre audit events STORE --anchors anchors.json --out events.ndjson
  coffre audit events STORE --anchors anchors.json --out events.json --as bundle
  coffre audit events STORE --anchors anchors.json --out events.log --as atna
  coffre audit events STORE --anchors anchors.json --syslog tls://collector.example:6514 --syslog-authority ca.pem
  coffre audit events STORE --anchors anchors.json --syslog tls://collector.example --from 12000

A collector gets the events in the order of the log, each once. What UDP loses on its way is lost: take TLS. The last line
says with which number to go on (--from) when the log has grown, or when the collector went away.

Exit code 10 when an entry could not be read, 6 when the collector could not be reached.`,
  options: {
    anchors: { type: 'string', value: 'FILE', required: true, description: 'whose log it is: its names and addresses' },
    store: { type: 'string', value: 'FOLDER', description: 'the store, when not given as STORE' },
    out: { type: 'string', value: 'FILE', description: 'the file to write' },
    as: { type: 'string', value: 'FORM', description: 'ndjson (unless said), bundle or atna' },
    syslog: { type: 'string', value: 'URL', description: 'the collector: tls://, tcp:// or udp://host:port' },
    'syslog-authority': { type: 'string', value: 'FILE', description: 'PEM: who vouches for the collector' },
    'syslog-certificate': { type: 'string', value: 'FILE', description: 'PEM: own certificate for the collector' },
    'syslog-key': { type: 'string', value: 'FILE', description: 'PEM: its key' },
    record: { type: 'string', value: 'ID', description: 'only this record’s entries' },
    from: { type: 'string', value: 'N', description: 'begin with this entry’s number; 0 unless said' },
    to: { type: 'string', value: 'N', description: 'end before this one' },
  },
  positionals: [{ name: 'STORE', description: 'the host’s store folder, or an export' }],
  async run(args, io) {
    const deployment = readAnchors(requiredOption(args, 'anchors'))
    const record = textOption(args, 'record')
    const source = openStoreSource(storeOf(args), { bodies: false })
    try {
      const size = await source.size()
      const to = Math.min(size, numberOf(args, 'to') ?? size)
      const holderOf = await readHolders(source)
      const sink = await sinkOf(args)
      const told = { events: 0, unreadable: 0, next: numberOf(args, 'from') ?? 0 }
      try {
        while (told.next < to) {
          const until = Math.min(to, told.next + RANGE)
          for (const stored of await source.entries({ from: told.next, to: until, part: WHOLE })) {
            if (record !== undefined && stored.chain !== record) continue
            const entry = parsed(stored)
            if (entry === null) told.unreadable++
            else await sink.put(actOf({ entry, seq: stored.seq }, { deployment, holderOf }))
            if (entry !== null) told.events++
            told.next = stored.seq + 1
          }
          told.next = until
          io.progress('Telling events', told.next, to)
        }
        await sink.close()
      } catch (error) {
        io.print(`Stopped at entry ${told.next}: go on with --from ${told.next}`)
        throw error
      }
      io.print(`${told.events} events; go on with --from ${told.next}`)
      if (told.unreadable > 0) io.print(`${told.unreadable} entries cannot be read: coffre audit verify says which`)
      return told
    } finally {
      source.close()
    }
  },
  exitCode: result => ((result as Told).unreadable > 0 ? EXIT.finding : EXIT.ok),
}

function sinkOf(args: Arguments): Promise<EventSink> {
  const [out, url, as = 'ndjson'] = [textOption(args, 'out'), textOption(args, 'syslog'), textOption(args, 'as')]
  if ((out === undefined) === (url === undefined)) throw new UsageError('Where to? Give either --out or --syslog')
  if (out !== undefined) {
    if ((FORMS as readonly string[]).includes(as)) return fileSink(out, as as Form)
    throw new UsageError(`--as is ${FORMS.join(', ')}`)
  }
  const pem = (name: string) => {
    const file = textOption(args, `syslog-${name}`)
    return file === undefined ? {} : { [name]: readText(file) }
  }
  return collectorSink({ url: url as string, ...pem('authority'), ...pem('certificate'), ...pem('key') })
}

function numberOf(args: Arguments, name: string): number | undefined {
  const text = textOption(args, name)
  if (text === undefined || /^\d{1,15}$/.test(text)) return text === undefined ? undefined : Number(text)
  throw new UsageError(`--${name} is the number of an entry: 0, 1, 2 …`)
}

function parsed(stored: StoredEntry): ParsedEntry | null {
  try {
    return parseEntry(stored)
  } catch (error) {
    if (LogError.is(error, 'entry-form')) return null
    throw error
  }
}
