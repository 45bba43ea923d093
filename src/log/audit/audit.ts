/**
 * The audit: goes once through everything a host keeps, in the order in which it was written, and believes nothing but
 * the anchors. What it proves and what it cannot is in docs/audit.md.
 */
import { fromBase64url, toBase64url } from '../../crypto/bytes.ts'
import type { Anchors } from '../../protocol/anchors.ts'
import { type ParsedEntry, parseEntry } from '../entry.ts'
import { LogError } from '../errors.ts'
import { auditTrust, Case, placeOf } from './case.ts'
import { Chains } from './chains.ts'
import { StoredDocuments } from './documents.ts'
import { Examination } from './examination.ts'
import { Findings } from './finding.ts'
import { Growth } from './growth.ts'
import { checkReceipts, type ReceiptCount } from './receipts.ts'
import { type AuditReport, EntryCounts } from './report.ts'
import { type SeenCheckpoint, SeenElsewhere } from './seen-elsewhere.ts'
import { type AuditSource, SourceError, STATEMENT_KINDS, type StoredEntry } from './source.ts'

export interface AuditOptions {
  /** What is trusted; from nowhere near the host. */
  readonly anchors: Anchors
  readonly now: Date
  /** Receipts that parties kept, one statement each. */
  readonly receipts?: AsyncIterable<string> | Iterable<string>
  /** Checkpoints that witnesses or clients kept. */
  readonly seen?: readonly SeenCheckpoint[]
}

/** How far an audit has come. */
export type OnProgress = (phase: 'entries' | 'documents', done: number, total: number) => void

/** Entries between two reports of progress. */
const EVERY = 64

/** Stands in the tree for an entry that cannot be read: no entry hashes to it, so the root shows it. */
const UNREADABLE = new Uint8Array(32)

/**
 * Audits a store or an export. Throws `LogError` `audit-anchors` for anchors that cannot be read, and what
 * `verifyCheckpoint` throws for a checkpoint in `seen` that the log did not sign; everything else is a finding.
 */
export async function audit(
  source: AuditSource,
  options: AuditOptions,
  onProgress: OnProgress = () => {},
): Promise<AuditReport> {
  const findings = new Findings()
  const audited = new Case({ source, trust: auditTrust(options.anchors), findings })
  const run = new Run(audited, options, onProgress)
  try {
    await run.all()
  } catch (error) {
    if (!SourceError.is(error)) throw error
    findings.add('store-unreadable', error.message, run.place)
  } finally {
    await run.close()
  }
  return run.report()
}

class Run {
  readonly #case: Case
  readonly #options: AuditOptions
  readonly #onProgress: OnProgress
  readonly #chains: Chains
  readonly #growth: Growth
  readonly #elsewhere: SeenElsewhere
  readonly #examination: Examination
  readonly #counts = new EntryCounts()
  #documents: number | null = null
  #receipts: ReceiptCount | null = null

  constructor(audited: Case, options: AuditOptions, onProgress: OnProgress) {
    this.#case = audited
    this.#options = options
    this.#onProgress = onProgress
    this.#chains = new Chains(audited)
    this.#growth = new Growth(audited, options.now)
    this.#elsewhere = new SeenElsewhere(audited, options.seen ?? [])
    this.#examination = new Examination(audited)
  }

  /** Where the run is: what a store that breaks off is found at. */
  get place(): { seq: number } {
    return { seq: this.#growth.size }
  }

  async all(): Promise<void> {
    await this.#examination.start()
    await this.#growth.start()
    await this.#entries()
    await this.#growth.finish()
    this.#elsewhere.finish(this.#growth.size)
    await this.#examination.finish()
    await this.#unlogged()
    const { receipts, now } = this.#options
    if (receipts !== undefined) {
      this.#receipts = await checkReceipts(this.#case, { growth: this.#growth, receipts, now })
    }
    await this.#stored()
  }

  async close(): Promise<void> {
    await this.#growth.close()
  }

  async #entries(): Promise<void> {
    const total = await this.#case.source.entryCount()
    const root = () => this.#growth.root()
    this.#elsewhere.compare(0, root)
    let due = 0
    for await (const stored of this.#case.source.entries()) {
      const { seq } = stored
      if (seq !== due) {
        const message = seq > due ? `Entries ${due} to ${seq - 1} are missing` : `Entry ${seq} stands after ${due - 1}`
        this.#case.findings.add('entry-removed', message, { seq: due }, { next: linesOf(stored) })
      }
      due = seq + 1
      await this.#entry(stored)
      this.#elsewhere.compare(this.#growth.size, root)
      if (++this.#counts.entries % EVERY === 0) this.#onProgress('entries', this.#counts.entries, total)
    }
    this.#onProgress('entries', this.#counts.entries, this.#counts.entries)
  }

  async #entry(stored: StoredEntry): Promise<void> {
    const entry = this.#parsed(stored)
    if (entry === null) return this.#growth.append(UNREADABLE, null)
    const at = { entry, seq: stored.seq }
    if (stored.hash !== undefined && stored.hash !== entry.hash) {
      const message = `The store knows this entry as ${stored.hash}, and its lines are ${entry.hash}`
      this.#case.findings.add('entry-altered', message, placeOf(at), { entry: linesOf(stored), named: stored.hash })
    }
    this.#counts.take(entry.parsed.event)
    const follows = this.#chains.next(at)
    if (follows) await this.#examination.examine(at)
    await this.#growth.append(fromBase64url(entry.hash), at)
  }

  #parsed(stored: StoredEntry): ParsedEntry | null {
    try {
      return parseEntry(stored)
    } catch (error) {
      if (!LogError.is(error, 'entry-form')) throw error
      this.#case.findings.add('entry-form', error.message, { seq: stored.seq }, { entry: linesOf(stored) })
      return null
    }
  }

  /** Statements that the store holds and no entry, and no state, names. */
  async #unlogged(): Promise<void> {
    for (const kind of STATEMENT_KINDS) {
      if (kind === 'state') continue
      for await (const { hash, statement, record } of this.#case.source.statements(kind)) {
        if (this.#case.vouched.has(hash)) continue
        const place = record === null ? {} : { record }
        this.#case.findings.add('statement-unlogged', `The log knows nothing of the ${kind} ${hash}`, place, {
          kind,
          statement,
        })
      }
    }
  }

  async #stored(): Promise<void> {
    const { source } = this.#case
    if (source.documents === undefined) return
    const documents = new StoredDocuments(this.#case, this.#examination.records)
    const total = (await source.documentCount?.()) ?? 0
    this.#documents = 0
    for await (const parts of source.documents()) {
      await documents.check(parts)
      this.#onProgress('documents', ++this.#documents, total)
    }
  }

  report(): AuditReport {
    const { entries, reads, lists, deposits, refusals, requests } = this.#counts
    const findings = this.#case.findings.list()
    const newest = this.#growth.newest
    return {
      holds: findings.length === 0,
      deployment: this.#case.trust.deployment,
      counts: {
        ...{ entries, records: this.#chains.records, reads, lists, deposits, refusals, requests },
        checkpoints: this.#growth.checkpoints,
        witnessed: this.#growth.withQuorum,
        documents: this.#documents,
        receipts: this.#receipts,
      },
      tree: newest && {
        size: newest.checkpoint.size,
        root: toBase64url(newest.checkpoint.root),
        cosigned: newest.cosigned.map(({ name }) => name),
        witnessedAt: newest.witnessedAt === null ? null : new Date(newest.witnessedAt * 1000).toISOString(),
        waiting: Math.max(0, entries - newest.checkpoint.size),
      },
      findings,
    }
  }
}

const linesOf = ({ link, event }: StoredEntry) => ({ link, event })
