/**
 * The audit: goes once through everything a host keeps, in the order in which it was written, and believes nothing but
 * the anchors. What it proves and what it cannot is in docs/audit.md.
 *
 * What concerns one chain alone (its numbers, who signed, by what right) is a slice's work, and there may be as many
 * slices as cores; what depends on the order of all entries stays in one place (sequence.ts).
 */
import { toBase64url } from '../../crypto/bytes.ts'
import type { Anchors } from '../../protocol/anchors.ts'
import type { Hash, RecordId } from '../../protocol/ids.ts'
import { LogError } from '../errors.ts'
import { auditTrust, Case } from './case.ts'
import { type Finding, Findings, joinFindings } from './finding.ts'
import { checkReceipts, type ReceiptCount } from './receipts.ts'
import { type AuditReport, EntryCounts } from './report.ts'
import type { SeenCheckpoint } from './seen-elsewhere.ts'
import { Sequence } from './sequence.ts'
import { type AuditSlice, Slice, type SliceEnd, type SliceLeaves } from './slice.ts'
import { type AuditSource, SourceError, WHOLE } from './source.ts'
import { checkStatements, checkStates } from './unlogged.ts'

/** How far an audit had come: what it needs to go on, and to notice that it goes on with another log. */
export interface AuditPosition {
  /** Entries audited. */
  readonly size: number
  /** The root of their tree, base64url. */
  readonly root: string
  readonly findings: readonly Finding[]
}

export interface AuditOptions {
  /** What is trusted; from nowhere near the host. */
  readonly anchors: Anchors
  readonly now: Date
  /** Receipts that parties kept, one statement each. */
  readonly receipts?: AsyncIterable<string> | Iterable<string>
  /** Checkpoints that witnesses or clients kept. */
  readonly seen?: readonly SeenCheckpoint[]
  /** Whether the signatures of requests are verified; true unless said. Without them a report does not hold. */
  readonly signatures?: boolean
  /** Slices in other threads, made for all parts of this source; one in this thread unless given. */
  readonly slices?: readonly AuditSlice[]
  /** Where an audit before this one stopped: entries before it are gone through again, and found fault with no more. */
  readonly resume?: AuditPosition
  /** Entries examined at a time; 512 unless given, 2,048 between threads. */
  readonly range?: number
  /** Told now and then, at a moment at which the audit could go on later. */
  readonly onPosition?: (position: AuditPosition) => void
}

/** How far an audit has come. */
export type OnProgress = (phase: 'entries' | 'documents', done: number, total: number) => void

/** Entries that are examined at a time: few enough that what is read of them is collected while it is young. */
const RANGE = 512
/** The same between threads: what goes to and fro for a range is then a small part of it. */
const RANGE_OF_THREADS = 2048
/** Ranges that a slice may be ahead of the others. */
const AHEAD = 4

/**
 * Audits a store or an export. Throws `LogError` `audit-anchors` for anchors that cannot be read, `audit-resume` when
 * `resume` is of another log, and what `verifyCheckpoint` throws for a checkpoint in `seen` that the log did not sign;
 * everything else is a finding.
 */
export async function audit(
  source: AuditSource,
  options: AuditOptions,
  onProgress: OnProgress = () => {},
): Promise<AuditReport> {
  const audited = new Case({ source, trust: auditTrust(options.anchors), findings: new Findings() })
  const run = new Run(audited, options, onProgress)
  try {
    await run.all()
  } catch (error) {
    if (!SourceError.is(error)) throw error
    audited.findings.muted = false
    audited.findings.add('store-unreadable', error.message, { seq: run.size })
  } finally {
    await run.close()
  }
  return run.report()
}

class Run {
  readonly #case: Case
  readonly #options: AuditOptions
  readonly #onProgress: OnProgress
  readonly #sequence: Sequence
  readonly #slices: readonly AuditSlice[]
  /** What each slice said last that it found. */
  readonly #found: (readonly Finding[])[]
  readonly #vouched = new Set<string>()
  #entries = 0
  #ends: readonly SliceEnd[] = []
  #documents: number | null = null
  #receipts: ReceiptCount | null = null

  constructor(audited: Case, options: AuditOptions, onProgress: OnProgress) {
    const { anchors, now, seen = [], signatures = true, resume } = options
    this.#case = audited
    this.#options = options
    this.#onProgress = onProgress
    this.#sequence = new Sequence(audited, { anchors, now, seen })
    const resumeAt = resume?.size ?? 0
    this.#slices = options.slices ?? [new Slice(audited.source, { anchors, part: WHOLE, signatures, resumeAt })]
    this.#found = this.#slices.map(() => [])
  }

  get size(): number {
    return this.#sequence.due
  }

  async all(): Promise<void> {
    const { source, findings } = this.#case
    await Promise.all(this.#slices.map(slice => slice.start()))
    await this.#sequence.start()
    await this.#all(await source.size())
    await this.#sequence.finish()
    this.#ends = await Promise.all(this.#slices.map(slice => slice.finish()))
    this.#ends.forEach(({ findings }, i) => {
      this.#found[i] = findings
    })
    const states = this.#ends.map(end => end.states)
    await checkStates(this.#case, record => stateOf(states, record))
    await checkStatements(this.#case, this.#vouched)
    const { receipts, now } = this.#options
    if (receipts !== undefined) {
      this.#receipts = await checkReceipts(this.#case, { growth: this.#sequence.growth, receipts, now })
    }
    findings.muted = false
    await this.#stored()
  }

  async close(): Promise<void> {
    await this.#sequence.close()
  }

  async #all(total: number): Promise<void> {
    const resumeAt = Math.min(this.#options.resume?.size ?? 0, total)
    this.#case.findings.muted = resumeAt > 0
    const waiting: { from: number; to: number; parts: Promise<SliceLeaves[]> }[] = []
    const ownRange = this.#options.slices === undefined ? RANGE : RANGE_OF_THREADS
    let from = 0
    const ask = () => {
      // A range ends where an audit before this one stopped, so that its root can be compared there.
      const to = Math.min(from < resumeAt ? resumeAt : total, from + (this.#options.range ?? ownRange))
      const range = { from, to }
      const parts = Promise.all(this.#slices.map(slice => slice.take(range.from, range.to)))
      parts.catch(() => {}) // told when its turn comes
      waiting.push({ ...range, parts })
      from = to
    }
    const ahead = this.#slices.length > 1 ? AHEAD : 1
    while (from < total && waiting.length < ahead) ask()
    if (total === 0) this.#resumed(resumeAt)
    for (let range = waiting.shift(); range !== undefined; range = waiting.shift()) {
      const parts = await range.parts
      if (from < total) ask()
      this.#entries += await this.#sequence.add(range, parts)
      for (const [i, { findings, vouched }] of parts.entries()) {
        if (findings !== null) this.#found[i] = findings
        for (const hash of vouched) this.#vouched.add(hash)
      }
      if (range.to === resumeAt) this.#resumed(resumeAt)
      this.#tell(range.to, total)
    }
  }

  /** Where the audit before this one stopped: the same entries led here, so what it found stands. */
  #resumed(at: number): void {
    const { resume } = this.#options
    this.#case.findings.muted = false
    if (resume === undefined) return
    if (resume.size === at && this.#sequence.growth.size === at && this.#root() === resume.root) return
    throw new LogError('The audit to go on with was of another log, or this one has changed: begin anew', {
      code: 'audit-resume',
      evidence: { audited: { size: resume.size, root: resume.root }, here: { size: at, root: this.#root() } },
    })
  }

  #root(): string {
    return toBase64url(this.#sequence.growth.root())
  }

  #tell(done: number, total: number): void {
    this.#onProgress('entries', done, total)
    if (this.#case.findings.muted || this.#sequence.growth.size !== done) return
    this.#options.onPosition?.({ size: done, root: this.#root(), findings: this.#findings() })
  }

  #findings(): Finding[] {
    return joinFindings([this.#options.resume?.findings ?? [], ...this.#found, this.#case.findings.list()])
  }

  async #stored(): Promise<void> {
    const { source } = this.#case
    if (source.documents === undefined) return
    const total = (await source.documentCount?.()) ?? 0
    let done = 0
    const onDone = (count: number) => {
      done += count
      this.#onProgress('documents', done, total)
    }
    await Promise.all(
      this.#slices.map(async (slice, i) => {
        this.#found[i] = await slice.documents(onDone)
      }),
    )
    this.#documents = done
  }

  report(): AuditReport {
    const findings = this.#findings()
    const { growth } = this.#sequence
    const { newest } = growth
    const signatures = this.#options.signatures ?? true
    return {
      holds: findings.length === 0 && signatures,
      signatures,
      deployment: this.#case.trust.deployment,
      counts: {
        ...EntryCounts.sum(this.#ends.map(({ counts }) => counts)),
        entries: this.#entries,
        records: this.#ends.reduce((sum, { records }) => sum + records, 0),
        checkpoints: growth.checkpoints,
        witnessed: growth.withQuorum,
        documents: this.#documents,
        receipts: this.#receipts,
      },
      tree: newest && {
        size: newest.checkpoint.size,
        root: toBase64url(newest.checkpoint.root),
        cosigned: newest.cosigned.map(({ name }) => name),
        witnessedAt: newest.witnessedAt === null ? null : new Date(newest.witnessedAt * 1000).toISOString(),
        waiting: Math.max(0, this.#entries - newest.checkpoint.size),
      },
      findings,
    }
  }
}

function stateOf(slices: readonly ReadonlyMap<RecordId, Hash | null>[], record: RecordId): Hash | null {
  for (const states of slices) if (states.has(record)) return states.get(record) ?? null
  return null
}
