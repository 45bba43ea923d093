import type { Event } from '../../protocol/entry.ts'
import type { Finding } from './finding.ts'
import type { ReceiptCount } from './receipts.ts'

/** What was gone through. */
export interface AuditCounts {
  readonly entries: number
  readonly records: number
  readonly reads: number
  readonly lists: number
  readonly deposits: number
  readonly refusals: number
  /** Entries whose event was erased. */
  readonly erased: number
  /** Entries with a signed request. */
  readonly requests: number
  readonly checkpoints: number
  /** Of those, the ones that hold and that a quorum of witnesses cosigned. */
  readonly witnessed: number
  /** Documents whose stored parts were hashed again; null when bodies were not looked at. */
  readonly documents: number | null
  /** Null when no receipts were given. */
  readonly receipts: ReceiptCount | null
}

/** The newest signed tree of the store. */
export interface AuditedTree {
  readonly size: number
  /** base64url. */
  readonly root: string
  /** Witnesses of the policy whose cosignatures are on it. */
  readonly cosigned: readonly string[]
  /** When a whole quorum had cosigned it; null without one. */
  readonly witnessedAt: string | null
  /** Entries that came after it. */
  readonly waiting: number
}

/** What an audit says. */
export interface AuditReport {
  /** True only when all was checked and there is no finding. */
  readonly holds: boolean
  /** False when the signatures of requests were not looked at: then it does not hold, whatever was found. */
  readonly signatures: boolean
  readonly deployment: string
  readonly counts: AuditCounts
  readonly tree: AuditedTree | null
  /** The first of each kind. */
  readonly findings: readonly Finding[]
}

/** Counts entries while they go by. */
export class EntryCounts {
  entries = 0
  reads = 0
  lists = 0
  deposits = 0
  refusals = 0
  erased = 0
  requests = 0

  take({ action, outcome, request }: Event): void {
    if (request !== null) this.requests++
    if (outcome === 'refused') this.refusals++
    else if (action === 'document.read') this.reads++
    else if (action === 'document.list') this.lists++
    else if (action === 'document.deposit') this.deposits++
  }

  static sum(parts: readonly EntryCounts[]): EntryCounts {
    const sum = new EntryCounts()
    const names = Object.keys(sum) as (keyof Omit<EntryCounts, 'take'>)[]
    for (const part of parts) for (const name of names) sum[name] += part[name]
    return sum
  }
}
