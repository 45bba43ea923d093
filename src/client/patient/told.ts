/** What the patient was told of by mail, with an offline proof of each to keep. The mail itself says nothing of it. */
import { noticeOf } from '../../log/notices.ts'
import type { EntryLines } from '../../protocol/entry.ts'
import { readWholeChain } from './chain.ts'
import type { PatientSession } from './session.ts'

/** An entry that is told, and what shows it to anybody who has the anchors, offline and for ever. */
export interface Told extends EntryLines {
  /** Number in the record's chain. */
  readonly n: number
  readonly t: string
  /** `change`: who can get in changed. `access`: somebody else acted. */
  readonly kind: 'change' | 'access'
  /** Who acted, in words. */
  readonly who: string
  readonly action: string
  readonly outcome: 'ok' | 'refused'
  /** What does not hold of it; empty when all does. */
  readonly problems: readonly string[]
  /**
   * The `.tlog-proof` file of the entry; null while too few witnesses have cosigned the log. With the two lines it is
   * checked by `coffre audit proof --lines`, or by hand (docs/audit.md).
   */
  proof(): Promise<string | null>
}

/**
 * The entries that notices tell of, oldest first, from the one after number `after` of the chain (-1, unless given: all).
 * The whole chain is read and verified. Throws as `readWholeChain`; `proof` as `LogView.proveEntry`.
 */
export async function readTold(session: PatientSession, { after = -1 }: { after?: number } = {}): Promise<Told[]> {
  const { entries, log } = await readWholeChain(session)
  return entries.flatMap(({ entry, leaf, who, problems }): Told[] => {
    const { link, event, hash, parsed } = entry
    const kind = noticeOf(parsed.event)
    const { n } = parsed.link
    if (kind === null || n <= after) return []
    const { t, action, outcome } = parsed.event
    const proof = () => log.proveEntry(hash, leaf)
    return [{ ...{ n, t, kind, who, action, outcome, problems, link, event }, proof }]
  })
}
