import { ChainWalk } from '../../log/chain-walk.ts'
import { CLOCK_ALLOWANCE_SECONDS } from '../../log/checkpoint.ts'
import { type ChainedEntry, isErased, type ParsedEntry, readEntry } from '../../log/entry.ts'
import type { DocumentId, Hash } from '../../protocol/ids.ts'
import { ChainPage, type ShownErasure } from '../../protocol/messages.ts'
import { directoryAuthors } from '../document/author.ts'
import { VerificationError } from '../errors.ts'
import { type LogView, readLog } from '../log-view.ts'
import type { Seen } from '../seen.ts'
import { ChainCheck, type CheckedEntry } from './chain-check.ts'
import { type ErasedPlace, Erasures } from './erasures.ts'
import type { PatientSession } from './session.ts'

/** An entry that was checked, and where it stands in the tree. */
export interface PlacedEntry extends CheckedEntry {
  readonly leaf: number
}

/** What following the chain found. */
export interface Followed {
  /** The entries read, oldest first, each checked. */
  readonly entries: readonly PlacedEntry[]
  /** Those whose events were lawfully erased, oldest first: they are not among `entries`. */
  readonly erased: readonly ErasedPlace[]
  /** What showed that, by the order's hash. */
  readonly erasures: ReadonlyMap<string, ShownErasure>
  /** The witnessed tree in which every one of them stands. */
  readonly log: LogView
  /** Too few witnesses, or not lately. */
  readonly warnings: readonly string[]
  /** What does not hold of single entries, with their numbers. */
  readonly problems: readonly string[]
  /** Documents that the chain speaks of, its newest entries included, which are chained and not yet in the tree. */
  readonly documents: Seen['documents']
  /** Whether the chain was read to its end. */
  readonly isWhole: boolean
}

/** How the chain is followed. */
export interface FollowOptions {
  /** Milliseconds to wait for the newest entries to be in the tree; 20 seconds unless given, 0 not to wait. */
  readonly patienceMs?: number
}

/** Milliseconds to wait for an entry to be in the tree (the host has a second to do it, its witnesses some more). */
const PATIENCE_MS = 20_000
const PAUSE_MS = 250
/** Actions that say which documents there are. */
const TELLING: ReadonlySet<string> = new Set(['document.deposit', 'document.withdraw'])
const LATE = 'The published log is late: the newest entries are not in it yet. Look again in a minute.'
/** An entry that is not in the tree this long after its time, milliseconds, is a broken promise. */
const INTEGRATE_WITHIN_MS = 60_000

/**
 * Reads what the chain brought since it was last followed and checks it: each entry follows the one before, each stands
 * in a fresh checkpoint that extends the tree seen before, each means what its signed request says, or was erased by a
 * lawful order; every receipt held is found. What was verified is kept, and is where the next call goes on.
 *
 * Throws `LogError` (`chain-…`, `entry-form`, `inclusion-proof`, `checkpoint-…`), `VerificationError` (`tree-…`,
 * `state-…`, `chain-cut`, `receipt-not-honoured`, `entry-not-in-tree`, `erased-unlawfully`).
 */
export async function followChain(session: PatientSession, options: FollowOptions = {}): Promise<Followed> {
  const { chain, identity } = session.seen
  // What let a new identity in may stand anywhere before: the whole chain says whether it was entered, waited, stopped.
  const changed = session.patient.earlier !== undefined && identity !== session.patient.identity.hash
  const last = chain === null || changed ? null : readEntry(chain)
  // Of an erased entry nobody knows any more which state it was under: the whole chain tells.
  return session.alone(() => follow(session, last === null || isErased(last) ? null : last, options))
}

/**
 * The same from the record's first entry: the whole trace, nothing taken from before but what must be found again.
 * Throws as `followChain`.
 */
export async function readWholeChain(session: PatientSession, options: FollowOptions = {}): Promise<Followed> {
  return session.alone(() => follow(session, null, options))
}

async function follow(
  session: PatientSession,
  from: ParsedEntry | null,
  { patienceMs = PATIENCE_MS }: FollowOptions,
): Promise<Followed> {
  const { seen } = session
  const { entries: raw, shown, waiting, isWhole, log, isLate } = await readIntegrated(session, from, patienceMs)
  const chained = raw.map(({ entry }) => entry)
  // Late or not: what was seen stood in the tree then, so the log being late is no excuse for it.
  checkKnown(seen.chain, from, chained)
  checkKnown(seen.awaited ?? null, from, chained)
  const missing = missingReceipts(seen, chained)
  if (!isLate) checkReceipts(missing)

  const authors = directoryAuthors(session.host, session.trust, session.clock)
  const check = new ChainCheck(
    { patient: session.patient, record: session.record, authors },
    { state: from?.parsed.event.state ?? null, ...(from === null ? {} : { identity: session.patient.identity.hash }) },
  )
  const erasures = new Erasures(session)
  for (const each of shown) await erasures.add(each)
  const entries: PlacedEntry[] = []
  const erased: ErasedPlace[] = []
  for (const { entry, leaf } of raw) {
    await log.checkEntry(entry.hash, leaf)
    if (isErased(entry)) erased.push({ entry, leaf, erasure: erasures.of(entry, leaf) })
    else entries.push({ ...(await check.next(entry)), leaf })
  }
  checkIdentity(session, check.identity, { isLate })
  const last = chained.at(-1) ?? from
  const { awaited, ...known } = session.seen
  const documents = mergeDocuments(seen.documents, chained)
  await session.see({
    ...known,
    chain: last === null ? null : { n: last.parsed.link.n, hash: last.hash, link: last.link, event: last.event },
    identity: check.identity,
    tree: log.tree,
    checkpoint: log.checkpoint,
    receipts: missingReceipts(known, chained), // some may have come meanwhile
    documents,
  })
  const problems = entries.flatMap(({ entry, problems: found }) =>
    found.map(problem => `entry ${entry.parsed.link.n} (${entry.parsed.event.action}): ${problem}`),
  )
  const warnings = isLate ? [...log.warnings, LATE] : log.warnings
  const all = mergeDocuments(documents, waiting)
  return { entries, erased, erasures: erasures.shown, log, warnings, problems, documents: all, isWhole }
}

/** The chain read to its end has brought in the identity that the host says is in force. Throws `identity-unlogged`. */
function checkIdentity({ patient }: PatientSession, inForce: Hash, { isLate }: { readonly isLate: boolean }): void {
  if (isLate || inForce === patient.identity.hash) return
  throw new VerificationError('The chain does not say that the identity served came into force', {
    code: 'identity-unlogged',
    evidence: { chain: inForce, served: patient.identity.text },
  })
}

/** Reads the chain after an entry, and a checkpoint in which all of it stands. */
async function readIntegrated(session: PatientSession, from: ParsedEntry | null, patienceMs: number) {
  const deadline = Date.now() + patienceMs
  const entries: { entry: ChainedEntry; leaf: number }[] = []
  const erasures = new Map<string, ShownErasure>()
  const walk = new ChainWalk(from)
  let previous: ChainedEntry | null = from
  for (;;) {
    const page = await readPage(session, previous)
    for (const each of page.erasures) erasures.set(each.order, each)
    for (const { entry, leaf } of page.entries) {
      if (leaf === null) break
      walk.next(entry)
      entries.push({ entry, leaf })
      previous = entry
    }
    const firstPending = page.entries.findIndex(({ leaf }) => leaf === null)
    const pending = firstPending < 0 ? [] : page.entries.slice(firstPending).map(({ entry }) => entry)
    if (pending.length === 0 && !page.last) continue
    const isLate = Date.now() >= deadline
    if (pending.length === 0 || isLate) {
      const log = await readLog(session.host, session.trust, session.clock, session.seen.tree)
      const outside = entries.findIndex(({ leaf }) => leaf >= log.tree.size)
      const inside = outside < 0 ? entries : entries.slice(0, outside)
      const waiting = [...entries.slice(inside.length).map(({ entry }) => entry), ...pending]
      const [first] = waiting
      const found = { entries: inside, shown: [...erasures.values()], waiting, isWhole: page.last, log }
      if (first === undefined) return { ...found, isLate: false }
      if (isLate) {
        checkPromise(session, waiting.find(isErased) ?? first)
        for (const entry of pending) walk.next(entry)
        return { ...found, isLate }
      }
    }
    await new Promise(resolve => setTimeout(resolve, PAUSE_MS))
  }
}

async function readPage(session: PatientSession, previous: ChainedEntry | null) {
  const after = previous === null ? -1 : previous.parsed.link.n
  const page = await session.call({
    method: 'GET',
    path: session.path('/chain'),
    query: { after },
    answer: ChainPage,
  })
  const entries = page.entries.map(({ link, event, leaf }) => ({ entry: readEntry({ link, event }), leaf }))
  for (const { entry } of entries) {
    if (entry.parsed.link.record === session.patient.recordId) continue
    throw new VerificationError('The host gave an entry of another chain', { code: 'chain-other', evidence: entry })
  }
  if (entries.length === 0 && !page.last) {
    throw new VerificationError('The host gave an empty page of the chain that is not the last', { code: 'chain-cut' })
  }
  return { entries, last: page.last, erasures: page.erasures ?? [] }
}

/** What was seen before, here or on another device, must be there again: the entry with that number, and no other. */
function checkKnown(
  seen: { readonly n: number; readonly hash: Hash } | null,
  from: ParsedEntry | null,
  entries: readonly ChainedEntry[],
): void {
  if (seen === null || (from !== null && from.parsed.link.n >= seen.n)) return
  const { n, hash } = seen
  const now = entries.find(({ parsed }) => parsed.link.n === n)
  if (now?.hash === hash) return
  throw new VerificationError(
    now === undefined
      ? `The chain ends before entry ${n}, which was seen: it was cut`
      : `Entry ${n} is not the one seen before: the chain was rewritten`,
    { code: now === undefined ? 'chain-cut' : 'chain-forked', evidence: { seen, served: now ?? null } },
  )
}

/** Receipts whose entries are not among those read. */
function missingReceipts(seen: Seen, entries: readonly ChainedEntry[]): Seen['receipts'] {
  const there: ReadonlySet<string> = new Set(entries.map(({ hash }) => hash))
  return seen.receipts.filter(({ entryHash }) => !there.has(entryHash))
}

/** Every receipt held promised an entry; the chain, read whole after it was given, must have it. */
function checkReceipts([broken]: Seen['receipts']): void {
  if (broken === undefined) return
  throw new VerificationError('The host gave a receipt for an act that is not in the chain; keep it as evidence', {
    code: 'receipt-not-honoured',
    evidence: { receipt: broken.text },
  })
}

/**
 * Throws `VerificationError` `entry-not-in-tree` when the host's time for publishing an entry is over, or when the host
 * dates the entry so far ahead that this time would never come.
 */
function checkPromise(session: PatientSession, entry: ChainedEntry): void {
  // What was erased had been in the tree for years.
  const age = isErased(entry) ? Infinity : session.clock().getTime() - Date.parse(entry.parsed.event.t)
  if (age <= INTEGRATE_WITHIN_MS && age >= -CLOCK_ALLOWANCE_SECONDS * 1000) return
  throw new VerificationError('An entry is not in the published log although its time for that is over', {
    code: 'entry-not-in-tree',
    evidence: { link: entry.link, event: entry.event },
  })
}

/** What was known with what the entries tell; the very same when they tell nothing new. */
function mergeDocuments(known: Seen['documents'], entries: readonly ChainedEntry[]): Seen['documents'] {
  const told = entries.flatMap(({ parsed: { event } }) => (event === null ? [] : [event]))
  const telling = told.filter(({ action, outcome }) => outcome === 'ok' && TELLING.has(action))
  if (telling.length === 0) return known
  const documents = new Map(known.map(each => [each.id, each]))
  for (const { action, object } of telling) {
    const id = object.document as DocumentId
    if (action === 'document.deposit') documents.set(id, { id, deposit: object.deposit as Hash })
    const deposited = documents.get(id)
    if (action === 'document.withdraw' && deposited !== undefined) documents.set(id, { ...deposited, withdrawn: true })
  }
  return [...documents.values()]
}
