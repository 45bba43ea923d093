/** `coffre audit verify URL`: a live log, as far as it is public. */
import { auditPublicLog, type PublicReport } from '../../log/audit/public-log.ts'
import { type Arguments, type Io, textOption, UsageError } from '../command.ts'
import { counted } from '../counted.ts'
import { writeEvidence } from './evidence.ts'
import { readOptions } from './inputs.ts'
import { logAt } from './log-fetch.ts'
import { findingLines, foreignText, treeText } from './verdict.ts'

/** Is it a URL, and no folder? */
export const isUrl = (place: string): boolean => /^https?:\/\//.test(place)

/** What a live log cannot show, for the report. */
const NOT_CHECKED = [
  'entries, their chains and their times: the log publishes hashes of salted entries alone',
  'who acted, by which signed request, with which card',
  'the patient’s right behind each read, list and deposit, and whether refusals were right',
  'states, grants, keys and documents as stored',
] as const

/** Options that a live log has no use for. */
const OF_STORES = ['state', 'threads', 'no-bodies', 'no-signatures'] as const

/** Audits the log at a URL, the one that ends in `/log`. Throws `UsageError`, `Unreachable`, `LogError`. */
export async function verifyLive(url: string, args: Arguments, io: Io): Promise<PublicReport & { live: true }> {
  const vain = OF_STORES.find(name => args.values[name] !== undefined)
  if (vain !== undefined) throw new UsageError(`--${vain} is for stores; a live log has no use for it`)
  const options = readOptions(args)
  const now = io.clock()
  const fetch = logAt(url, options.anchors.serverAuthority)
  const onProgress = (done: number, total: number) => io.progress('Reading the public log', done, total)
  const report = await auditPublicLog({ ...options, fetch, now }, onProgress)
  for (const line of linesOf(report)) io.print(line)
  const evidence = textOption(args, 'evidence')
  if (evidence !== undefined) {
    for (const file of writeEvidence(evidence, report, { anchors: options.anchors, made: now })) {
      io.print(`evidence: ${file}`)
    }
  }
  return { live: true, ...report }
}

function linesOf({ deployment, tree, leaves, files, receipts, findings }: PublicReport): string[] {
  const kinds = counted(findings.length, 'kind of finding', 'kinds of finding')
  return [
    `Deployment ${deployment}, its public log`,
    `  ${tree === null ? 'no checkpoint that holds' : treeText(tree)}`,
    `  ${counted(leaves, 'leaf', 'leaves')} hashed into the tree again; ${counted(files, 'bundle or tile', 'bundles and tiles')} read`,
    ...(receipts === null
      ? []
      : [
          `  ${counted(receipts.honoured, 'receipt')} honoured; ${receipts.due} not due yet, ${foreignText(receipts.foreign)}`,
        ]),
    '',
    findings.length === 0
      ? 'NOTHING FOUND in what is public: the log is one tree, signed and witnessed, and extends what was given.'
      : `DOES NOT HOLD: ${kinds}.`,
    ...findings.flatMap(finding => ['', ...findingLines(finding)]),
    '',
    'Not checked, because it is not public (ask the host for an export, coffre host export-log):',
    ...NOT_CHECKED.map(what => `  - ${what}`),
  ]
}
