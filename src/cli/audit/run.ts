/** Runs an audit of a store folder: on all cores, and going on where one before it stopped. */
import { availableParallelism } from 'node:os'
import { type AuditOptions, audit, type OnProgress } from '../../log/audit/audit.ts'
import { FINDINGS } from '../../log/audit/finding.ts'
import type { AuditReport } from '../../log/audit/report.ts'
import { SourceError } from '../../log/audit/source.ts'
import type { Anchors } from '../../protocol/anchors.ts'
import { type Arguments, textOption, UsageError } from '../command.ts'
import { PositionFile } from './position-file.ts'
import { openStoreSource } from './store-source.ts'
import { openForThreads } from './threads.ts'

/** Fewer entries are sooner read than threads are started. */
const WORTH_THREADS = 20_000
const MOST_THREADS = 64

export interface StoreAudit extends AuditOptions {
  readonly bodies: boolean
  /** Undefined: as many as are worth it. */
  readonly threads: number | undefined
  /** The file that keeps how far it came. */
  readonly state?: string
}

/** `--threads`. Throws `UsageError`. */
export function threadsOf(args: Arguments): number | undefined {
  const text = textOption(args, 'threads')
  if (text === undefined) return undefined
  const threads = Number(text)
  if (/^\d{1,3}$/.test(text) && threads >= 1 && threads <= MOST_THREADS) return threads
  throw new UsageError(`--threads takes a number from 1 to ${MOST_THREADS}`)
}

/**
 * Audits a store folder. A store that cannot even be opened is a finding, too. Throws `UsageError` for a state file of
 * another audit, `LogError` as `audit` does.
 */
export async function auditStore(folder: string, asked: StoreAudit, onProgress: OnProgress): Promise<AuditReport> {
  const { bodies, threads, state, ...options } = asked
  const { anchors, signatures = true } = options
  const file = state === undefined ? null : new PositionFile(state, { anchors, signatures })
  const resume = file?.read() ?? null
  try {
    const cores = threads ?? (sizeOf(folder) < WORTH_THREADS ? 1 : availableParallelism())
    const resumeAt = resume?.size ?? 0
    const opened = await openForThreads(folder, { anchors, signatures, resumeAt, bodies, threads: cores })
    try {
      const report = await audit(
        opened.source,
        {
          ...options,
          ...(resume !== null && { resume }),
          ...(opened.slices !== undefined && { slices: opened.slices }),
          onPosition: position => file?.keep(position),
        },
        onProgress,
      )
      file?.remove()
      return report
    } finally {
      await opened.close()
    }
  } catch (error) {
    if (!SourceError.is(error)) throw error
    return unreadable(anchors, { signatures, error })
  }
}

function sizeOf(folder: string): number {
  const source = openStoreSource(folder, { bodies: false })
  try {
    return source.size() as number
  } finally {
    source.close()
  }
}

function unreadable(
  { deployment }: Anchors,
  { signatures, error }: { readonly signatures: boolean; readonly error: SourceError },
): AuditReport {
  const code = 'store-unreadable'
  const finding = { code, group: FINDINGS[code].group, message: error.message, evidence: null, count: 1 } as const
  const none = {
    entries: 0,
    records: 0,
    reads: 0,
    lists: 0,
    deposits: 0,
    refusals: 0,
    erased: 0,
    requests: 0,
    checkpoints: 0,
  }
  const counts = { ...none, witnessed: 0, documents: null, receipts: null }
  return { holds: false, signatures, deployment, counts, tree: null, findings: [finding] }
}
