import { accessSync, constants, createReadStream, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { createInterface } from 'node:readline'
import { CoffreError } from '../../crypto/errors.ts'
import { type AuditOptions, audit, type OnProgress } from '../../log/audit/audit.ts'
import { FINDINGS } from '../../log/audit/finding.ts'
import type { AuditReport } from '../../log/audit/report.ts'
import { SourceError } from '../../log/audit/source.ts'
import { Anchors } from '../../protocol/anchors.ts'
import {
  type Arguments,
  type Command,
  flag,
  type Io,
  listOption,
  requiredOption,
  textOption,
  UsageError,
} from '../command.ts'
import { AUDIT_EXIT_HELP, auditExitCode, reportLines } from './report.ts'
import { openStoreSource, type StoreSource } from './store-source.ts'

/** `coffre audit verify`. */
export const command: Command = {
  name: 'audit verify',
  summary: 'check a whole store offline',
  help: `Checks everything a host keeps, without asking the host: that each record’s chain is whole, that the entries
are the tree which log and witnesses signed, that every act was asked for by a signed request of who acted, with a card
that was valid then, and that the patient’s grant in force stood behind each read, list and deposit, and behind no
refusal. With the ciphertext at hand it also hashes every stored document again.

It needs the store’s folder (store.sqlite, log/, bodies/) and the anchors, which must come from somebody else than the
host. Nothing is changed; it may run on a live host’s store or on a copy. What one host says alone cannot show that it
says the same to everybody: give the receipts that readers kept (one statement a line) and checkpoints that witnesses
or patients saw, and they are looked for too.

  coffre audit verify STORE --anchors anchors.json
  coffre audit verify STORE --anchors anchors.json --receipts receipts.jsonl --checkpoint seen-in-may.txt

Exit code 0 only when all holds. Else, by what was found, the lowest of:
${AUDIT_EXIT_HELP}
docs/audit.md explains every finding.`,
  options: {
    anchors: {
      type: 'string',
      value: 'FILE',
      required: true,
      description: 'what is trusted: keys, policy, authorities',
    },
    store: { type: 'string', value: 'FOLDER', description: 'the store, when not given as STORE' },
    'no-bodies': { type: 'boolean', description: 'leave stored documents alone: the log only, much faster' },
    receipts: { type: 'string', value: 'FILE', multiple: true, description: 'receipts to look for, one a line' },
    checkpoint: { type: 'string', value: 'FILE', multiple: true, description: 'a signed checkpoint seen elsewhere' },
  },
  positionals: [{ name: 'STORE', description: 'the host’s store folder' }],
  async run(args, io) {
    const folder = storeOf(args)
    const options = { ...readOptions(args), now: io.clock() }
    const from = performance.now()
    const report = await auditStore(folder, { ...options, bodies: !flag(args, 'no-bodies') }, progressOf(io))
    const seconds = (performance.now() - from) / 1000
    for (const line of reportLines(report, { seconds })) io.print(line)
    return report
  },
  exitCode: result => auditExitCode(result as AuditReport),
}

/** Audits a store folder. A store that cannot even be opened is a finding, too. */
async function auditStore(
  folder: string,
  { bodies, ...options }: AuditOptions & { readonly bodies: boolean },
  onProgress: OnProgress,
): Promise<AuditReport> {
  let source: StoreSource
  try {
    source = openStoreSource(folder, { bodies })
  } catch (error) {
    if (!SourceError.is(error)) throw error
    return unreadable(options.anchors, error)
  }
  try {
    return await audit(source, options, onProgress)
  } finally {
    source.close()
  }
}

function unreadable({ deployment }: Anchors, { message }: SourceError): AuditReport {
  const code = 'store-unreadable'
  const finding = { code, group: FINDINGS[code].group, message, evidence: null, count: 1 } as const
  const none = { entries: 0, records: 0, reads: 0, lists: 0, deposits: 0, refusals: 0, requests: 0, checkpoints: 0 }
  const counts = { ...none, witnessed: 0, documents: null, receipts: null }
  return { holds: false, deployment, counts, tree: null, findings: [finding] }
}

function storeOf(args: Arguments): string {
  const [positional] = args.positionals
  const option = textOption(args, 'store')
  if (positional !== undefined && option !== undefined) throw new UsageError('Give the store once, not twice')
  const folder = positional ?? option
  if (folder === undefined) throw new UsageError('Which store? Give its folder; see coffre audit verify --help')
  return folder
}

function readOptions(args: Arguments): Omit<AuditOptions, 'now'> {
  const receipts = listOption(args, 'receipts')
  for (const file of receipts) requireReadable(file)
  return {
    anchors: readAnchors(requiredOption(args, 'anchors')),
    seen: listOption(args, 'checkpoint').map(file => ({ name: basename(file), signed: readText(file) })),
    ...(receipts.length === 0 ? {} : { receipts: linesOf(receipts) }),
  }
}

/** Throws `UsageError` `anchors-invalid`. */
export function readAnchors(file: string): Anchors {
  let value: unknown
  try {
    value = JSON.parse(readText(file))
  } catch (cause) {
    if (CoffreError.is(cause)) throw cause
    value = undefined
  }
  const anchors = Anchors.safeParse(value)
  if (anchors.success) return anchors.data
  throw new UsageError(`${file} does not hold anchors; fetch them again from the programme`, {
    code: 'anchors-invalid',
  })
}

/** Throws `UsageError` `file-unreadable`. */
export function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw notReadable(file, cause)
  }
}

/** Throws `UsageError` before the long work rather than after it. */
function requireReadable(file: string): void {
  try {
    accessSync(file, constants.R_OK)
  } catch (cause) {
    throw notReadable(file, cause)
  }
}

function notReadable(file: string, cause: unknown): UsageError {
  return new UsageError(`${file} cannot be read; check the path`, { code: 'file-unreadable', cause })
}

/** Receipts of some files: a statement a line, or JSON with a `receipt` or `text` member. */
async function* linesOf(files: readonly string[]): AsyncIterable<string> {
  for (const file of files) {
    const lines = createInterface({ input: createReadStream(file) })
    for await (const line of lines) {
      const text = line.trim()
      if (text !== '') yield text.startsWith('{') ? receiptIn(text) : text
    }
  }
}

function receiptIn(line: string): string {
  try {
    const { receipt, text } = JSON.parse(line) as { receipt?: unknown; text?: unknown }
    const found = receipt ?? text
    return typeof found === 'string' ? found : line
  } catch {
    return line
  }
}

function progressOf(io: Io): OnProgress {
  const labels = { entries: 'Reading entries', documents: 'Hashing documents again' } as const
  const from = performance.now()
  return (phase, done, total) => {
    const seconds = (performance.now() - from) / 1000
    const rate = phase === 'entries' && seconds > 1 ? ` (${Math.round(done / seconds)}/s)` : ''
    io.progress(`${labels[phase]}${rate}`, done, total)
  }
}
