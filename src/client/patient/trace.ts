import type { Event } from '../../protocol/entry.ts'
import { VerificationError } from '../errors.ts'
import { readWholeChain } from './chain.ts'
import type { CheckedEntry } from './chain-check.ts'
import type { ErasedPlace, LawfulErasure } from './erasures.ts'
import { GrantBook } from './grant-book.ts'
import type { PatientSession } from './session.ts'
import { compartmentOf, type RecordView } from './view.ts'

/** One line of the trace. */
export interface TraceLine {
  readonly n: number
  readonly t: string
  /** In words: from the card for professionals and establishments. */
  readonly who: string
  readonly actor: Event['actor']
  readonly action: Event['action']
  readonly object: Event['object']
  readonly outcome: Event['outcome']
  /** What does not hold of this entry; empty when all does. */
  readonly problems: readonly string[]
  /**
   * By which order the event was erased; null where it is there. What happened is then nowhere any more: the line says that
   * the host erased it (`log.erase`), when, and on whose order (`who`).
   */
  readonly erased: LawfulErasure | null
}

/** The whole trace of a record, verified. */
export interface Trace {
  readonly lines: readonly TraceLine[]
  /** Size of the witnessed tree in which every entry stands. */
  readonly treeSize: number
  readonly witnesses: readonly string[]
  /** When a quorum of them had cosigned it, RFC 3339; null without one. */
  readonly witnessedAt: string | null
  /** Number of the state in force. */
  readonly seq: number
  readonly warnings: readonly string[]
  /** Every problem of every line, with its number. Somebody must look into each. */
  readonly problems: readonly string[]
}

/**
 * Reads and verifies the whole trace: the chain from its first entry, every entry in a witnessed tree that extends what
 * was seen before, every state mine and the last one the state in force, every act signed by who is said to have acted,
 * and every act of a professional on documents under a grant of mine that was in force.
 * Throws as `readWholeChain`, `PatientSession.view`; `VerificationError` `state-not-last`.
 */
export async function readTrace(session: PatientSession): Promise<Trace> {
  let followed = await readWholeChain(session)
  let view = await session.view()
  if (lastState(followed.entries) !== view.state.hash) {
    // Another device may have made a change between the two requests: look again, once.
    followed = await readWholeChain(session)
    view = await session.view()
  }
  checkLastState(session, followed.entries, view.state)
  const lines = await traceLines(followed, grantBookOf(session, view))
  const { witnessedAt, witnesses, tree } = followed.log
  return {
    lines,
    treeSize: tree.size,
    witnesses,
    witnessedAt: witnessedAt === null ? null : new Date(witnessedAt * 1000).toISOString(),
    seq: view.state.payload.seq,
    warnings: followed.warnings,
    problems: problemsOf(lines),
  }
}

/** What this session knows of its grants and placements. */
function grantBookOf({ patient, trust, seen }: PatientSession, view: RecordView): GrantBook {
  const { grants } = seen
  return new GrantBook({
    context: { deployment: trust.anchors.deployment, ...patient },
    grantText: async hash => (Object.hasOwn(grants, hash) ? (grants[hash] ?? null) : null),
    placedIn: async hash => view.placements.get(hash)?.payload.to ?? null,
    masked: compartmentOf(view, 'masked').id,
  })
}

/** Entries as lines, in the order of the chain, each with what does not hold of it. */
export async function traceLines(
  { entries, erased }: { readonly entries: readonly CheckedEntry[]; readonly erased: readonly ErasedPlace[] },
  book: GrantBook,
): Promise<TraceLine[]> {
  const lines = [...(await linesOfActs(entries, book)), ...erased.map(lineOfErased)]
  return lines.sort((a, b) => a.n - b.n)
}

function lineOfErased({ entry, erasure }: ErasedPlace): TraceLine {
  const { t, authority } = erasure
  const act = { actor: { kind: 'host', id: 'host' }, action: 'log.erase', object: {}, outcome: 'ok' } as const
  return { n: entry.parsed.link.n, t, who: authority, ...act, problems: [], erased: erasure }
}

async function linesOfActs(entries: readonly CheckedEntry[], book: GrantBook): Promise<TraceLine[]> {
  const verdicts = await book.judge(entries)
  return entries.map(({ entry, who, problems }, index): TraceLine => {
    const { link, event } = entry.parsed
    const { t, actor, action, object, outcome } = event
    const unauthorised = verdicts[index] ?? null
    const all = unauthorised === null ? problems : [...problems, unauthorised]
    return { n: link.n, ...{ t, who, actor, action, object, outcome }, problems: all, erased: null }
  })
}

/** Every problem of every line, with its number. */
export function problemsOf(lines: readonly TraceLine[]): string[] {
  return lines.flatMap(({ n, action, problems }) => problems.map(problem => `entry ${n} (${action}): ${problem}`))
}

function lastState(entries: readonly CheckedEntry[]): string | null {
  return entries.at(-1)?.entry.parsed.event.state ?? null
}

function checkLastState(
  session: PatientSession,
  entries: readonly CheckedEntry[],
  state: { readonly hash: string; readonly text: string },
): void {
  const last = lastState(entries)
  if (last === state.hash) return
  throw new VerificationError('The state that the host serves is not the one that the chain ends in', {
    code: 'state-not-last',
    evidence: { chain: last, state: state.text, seen: session.seen.state },
  })
}
