import { writeFileSync } from 'node:fs'
import { Activity } from '../../log/audit/activity.ts'
import { readHolders } from '../../log/audit/holders.ts'
import type { AuditReport } from '../../log/audit/report.ts'
import { SourceError, WHOLE } from '../../log/audit/source.ts'
import { type Command, flag, type Io, requiredOption, textOption, UsageError } from '../command.ts'
import { counted } from '../counted.ts'
import { readOptions, storeOf } from './inputs.ts'
import { auditPage } from './page/page.ts'
import { LANGUAGES, type Language } from './page/words.ts'
import { auditProgress } from './progress.ts'
import { auditStore, threadsOf } from './run.ts'
import { openStoreSource } from './store-source.ts'
import { AUDIT_EXIT_HELP, auditExitCode } from './verdict.ts'

/** Entries read at a time. */
const RANGE = 4096

/** `coffre audit report`. */
export const command: Command = {
  name: 'audit report',
  summary: 'write the audit as a page, with charts',
  help: `Audits a store or an export as “audit verify” does, counts what went on in it, and writes both as one HTML page that needs
nothing else: accesses per day, by profession and by action, refusals, hours, what stands out (one card acting in very
many records, peaks at night, cards that wake up, bursts of refusals), the verdict with every finding and what it means.
It can be printed on A4 and attached to an opinion. No patient is named in it.

  coffre audit report STORE --anchors anchors.json --out audit.html
  coffre audit report STORE --anchors anchors.json --out audit.html --lang fr

Exit code 0 only when all holds. Else, by what was found, the lowest of:
${AUDIT_EXIT_HELP}`,
  options: {
    anchors: {
      type: 'string',
      value: 'FILE',
      required: true,
      description: 'what is trusted: keys, policy, authorities',
    },
    out: { type: 'string', value: 'FILE', required: true, description: 'the page to write' },
    store: { type: 'string', value: 'FOLDER', description: 'the store, when not given as STORE' },
    lang: { type: 'string', value: 'LANG', description: 'language of the page: en (unless said) or fr' },
    'time-zone': { type: 'string', value: 'ZONE', description: 'what a day and a night are; Europe/Paris unless said' },
    'no-bodies': { type: 'boolean', description: 'leave stored documents alone' },
    'no-signatures': { type: 'boolean', description: 'do not verify the signatures of requests: then nothing holds' },
    threads: { type: 'string', value: 'N', description: 'threads that examine entries; as many as cores unless said' },
    receipts: { type: 'string', value: 'FILE', multiple: true, description: 'receipts to look for, one a line' },
    checkpoint: { type: 'string', value: 'FILE', multiple: true, description: 'a signed checkpoint seen elsewhere' },
  },
  positionals: [{ name: 'STORE', description: 'the host’s store folder, or an export' }],
  async run(args, io) {
    const folder = storeOf(args)
    const out = requiredOption(args, 'out')
    const timeZone = zoneOf(textOption(args, 'time-zone') ?? 'Europe/Paris')
    const language = languageOf(textOption(args, 'lang') ?? 'en')
    const options = readOptions(args)
    const asked = {
      ...options,
      now: io.clock(),
      bodies: !flag(args, 'no-bodies'),
      signatures: !flag(args, 'no-signatures'),
      threads: threadsOf(args),
    }
    const report = await auditStore(folder, asked, auditProgress(io))
    const activity = await activityOf(folder, { timeZone, io })
    const page = auditPage({ report, activity, timeZone, language, name: options.anchors.name, made: io.clock() })
    write(out, page)
    io.print(
      `${report.holds ? 'HOLDS' : 'DOES NOT HOLD'}: ${counted(report.findings.length, 'kind of finding', 'kinds of finding')}; the page is ${out}`,
    )
    return report
  },
  exitCode: result => auditExitCode(result as AuditReport),
}

/** Counts the entries of a store; of one that cannot be read, what could be. */
async function activityOf(folder: string, { timeZone, io }: { readonly timeZone: string; readonly io: Io }) {
  let activity = new Activity({ timeZone, professionOf: () => null })
  try {
    const source = openStoreSource(folder, { bodies: false })
    try {
      const holderOf = await readHolders(source)
      activity = new Activity({ timeZone, professionOf: actor => holderOf(actor)?.profession ?? null })
      const size = await source.size()
      for (let from = 0; from < size; from += RANGE) {
        for (const entry of await source.entries({ from, to: from + RANGE, part: WHOLE })) activity.take(entry)
        io.progress('Counting acts', Math.min(size, from + RANGE), size)
      }
    } finally {
      source.close()
    }
  } catch (error) {
    if (!SourceError.is(error)) throw error
  }
  return activity.summary()
}

function languageOf(text: string): Language {
  const language = LANGUAGES.find(each => each === text)
  if (language !== undefined) return language
  throw new UsageError(`--lang is ${LANGUAGES.join(' or ')}`)
}

function zoneOf(timeZone: string): string {
  try {
    new Intl.DateTimeFormat('en', { timeZone })
    return timeZone
  } catch (cause) {
    throw new UsageError(`${timeZone} is no time zone; give one like Europe/Paris`, { cause })
  }
}

function write(file: string, text: string): void {
  try {
    writeFileSync(file, text)
  } catch (cause) {
    throw new UsageError(`${file} cannot be written; check the path`, { code: 'file-unwritable', cause })
  }
}
