/** What can be checked of some chains alone: one thread's share of an audit. */
import { type Bytes, toBase64url, writeOwnBase64url } from '../../crypto/bytes.ts'
import type { Anchors } from '../../protocol/anchors.ts'
import type { Hash, RecordId } from '../../protocol/ids.ts'
import {
  type ErasedEntry,
  entryHashBytes,
  entryHashOfLines,
  type ParsedEntry,
  parseErased,
  parseEvent,
  parseLink,
} from '../entry.ts'
import { LogError } from '../errors.ts'
import { auditTrust, Case, type Examined, placeOf, type Soon } from './case.ts'
import { Chains } from './chains.ts'
import { StoredDocuments } from './documents.ts'
import type { EnteredErasure } from './erasures.ts'
import { Examination } from './examination.ts'
import { type Finding, Findings } from './finding.ts'
import { type QuickEntry, QuickReader, type RawEntry } from './quick-entry.ts'
import { EntryCounts } from './report.ts'
import { type AuditSource, type Part, type StoredEntry, takes } from './source.ts'

/** What a slice is told. */
export interface SliceOptions {
  readonly anchors: Anchors
  readonly part: Part
  /** Whether the signatures of requests are verified. */
  readonly signatures: boolean
  /** Entries before this number were audited before: they are gone through for what they lead to. */
  readonly resumeAt: number
  /** Records whose verified state is kept in memory; 2048 unless given. */
  readonly atHand?: number
}

/** What the entries of one range come to for those who need all of them in order. */
export interface SliceLeaves {
  /** Of each entry its number, in order. */
  readonly seqs: Float64Array
  /** 32 bytes each. */
  readonly hashes: Uint8Array
  /** POSIX milliseconds; NaN for an entry that cannot be read, `ERASED` for one whose event was erased. */
  readonly times: Float64Array
  /** The beginning of its request's nonce; -1 without a request. */
  readonly nonces: Float64Array
  /** Registrations used up. */
  readonly used: readonly { readonly hash: string; readonly seq: number }[]
  /** Events erased, as the system's chain says. */
  readonly erasures: readonly EnteredErasure[]
  /** Hashes of statements that the log vouches for. */
  readonly vouched: readonly string[]
  /** All that this slice has found so far; null when that is what it said last. */
  readonly findings: readonly Finding[] | null
}

/** Stands for a time that was erased with its event. */
export const ERASED = -1

/** What a slice says in the end. */
export interface SliceEnd {
  readonly counts: EntryCounts
  readonly records: number
  /** The state in force of each record. */
  readonly states: ReadonlyMap<RecordId, Hash | null>
  readonly findings: readonly Finding[]
}

/** A share of an audit, in this thread or in another. */
export interface AuditSlice {
  start(): Promise<void>
  /** Examines the entries of a range. Ranges come in order. */
  take(from: number, to: number): Promise<SliceLeaves>
  /** After the last range. */
  finish(): Promise<SliceEnd>
  /** Hashes stored documents again; gives what was found by then. */
  documents(onDone: (count: number) => void): Promise<readonly Finding[]>
}

export class Slice implements AuditSlice {
  readonly #source: AuditSource
  readonly #options: SliceOptions
  readonly #case: Case
  readonly #chains: Chains
  readonly #examination: Examination
  readonly #counts = new EntryCounts()
  readonly #quick = new QuickReader()
  #said = 0
  #taken: Promise<unknown> = Promise.resolve()

  constructor(source: AuditSource, options: SliceOptions) {
    this.#source = source
    this.#options = options
    this.#case = new Case({ source, trust: auditTrust(options.anchors), findings: new Findings() })
    this.#chains = new Chains(this.#case)
    this.#examination = new Examination(this.#case, options)
  }

  async start(): Promise<void> {
    this.#case.findings.muted = this.#options.part.index > 0
    await this.#examination.start()
  }

  take(from: number, to: number): Promise<SliceLeaves> {
    // One after the other, however many are asked for at once.
    const leaves = this.#taken.then(() => this.#take(from, to))
    this.#taken = leaves.catch(() => {})
    return leaves
  }

  async #take(from: number, to: number): Promise<SliceLeaves> {
    const { part, resumeAt } = this.#options
    const entries = await this.#source.entries({ from, to, part })
    // The system's chain is gone through by all and reported by the first.
    const own = part.index === 0 ? entries : entries.filter(entry => !ofSystem(entry))
    const leaves = new Leaves(own.length)
    for (const stored of entries) {
      const isOwn = part.index === 0 || !ofSystem(stored)
      this.#case.findings.muted = !isOwn || stored.seq < resumeAt
      const quick = stored.inBytes === undefined ? null : this.#quick.read(stored.inBytes)
      if (quick !== null) {
        const hash = rawEntryHash(stored.inBytes as RawEntry)
        const at = this.#filed(stored, isOwn, {
          entry: new ReadEntry(stored, hash, quick),
          seq: stored.seq,
          t: quick.t,
          asked: quick,
        })
        if (isOwn) leaves.add(stored.seq, at)
        const examining = this.#examine(at)
        if (examining instanceof Promise) await examining
        continue
      }
      const hash = entryHashBytes(stored)
      const erased = this.#erased(stored)
      if (erased !== null) {
        if (isOwn) leaves.addErased(stored.seq, hash)
        continue
      }
      const at = this.#read(stored, { hash, isOwn })
      if (isOwn) leaves.add(stored.seq, at)
      if (at === null) continue
      const examining = this.#examine(at)
      if (examining instanceof Promise) await examining
    }
    const { added } = this.#case.findings
    const findings = added === this.#said ? null : this.#case.findings.list()
    this.#said = added
    const vouched = this.#case.newlyVouched.splice(0)
    const { used, erasures } = this.#examination.take()
    return { ...leaves, used, erasures, vouched, findings }
  }

  /** Null for an entry whose event is there. */
  #erased(stored: StoredEntry): ErasedEntry | null {
    let entry: ErasedEntry | null
    try {
      entry = parseErased(stored)
    } catch (error) {
      if (LogError.is(error, 'entry-form')) return null // read again, and told, as any other
      throw error
    }
    if (entry === null) return null
    const { hash, parsed } = entry
    if (stored.hash !== undefined && stored.hash !== hash) {
      const message = `The store knows this entry as ${stored.hash}, and its lines are ${hash}`
      const evidence = { entry: linesOf(stored), named: stored.hash }
      this.#case.findings.add('entry-altered', message, { record: parsed.link.record, seq: stored.seq }, evidence)
    }
    this.#counts.erased++
    this.#counts.entries++
    this.#chains.nextErased(entry, stored.seq)
    return entry
  }

  /** Null, and a finding, for an entry that cannot be read. */
  #read(stored: StoredEntry, { hash, isOwn }: { readonly hash: Bytes; readonly isOwn: boolean }): Examined | null {
    const at = this.#parsed(stored, toBase64url(hash) as Hash)
    if (at !== null) return this.#filed(stored, isOwn, at)
    if (isOwn) this.#counts.entries++
    return null
  }

  /** Is it what the store says that it is? Counted as what it says of itself. */
  #filed(stored: StoredEntry, isOwn: boolean, at: Examined): Examined {
    const { entry } = at
    if (stored.hash !== undefined && stored.hash !== entry.hash) {
      const message = `The store knows this entry as ${stored.hash}, and its lines are ${entry.hash}`
      this.#case.findings.add('entry-altered', message, placeOf(at), { entry: linesOf(stored), named: stored.hash })
    }
    if (stored.chain !== entry.parsed.link.record) {
      const message = `The store files this entry under the chain ${stored.chain}`
      this.#case.findings.add('entry-altered', message, placeOf(at), { entry: linesOf(stored), chain: stored.chain })
    }
    if (!isOwn) return at
    this.#counts.entries++
    this.#counts.take(entry.parsed.event)
    return at
  }

  #examine(at: Examined): Soon<void> {
    const follows = this.#chains.next(at)
    if (follows === true) return this.#examination.examine(at)
    return follows === false ? undefined : follows.then(isNext => (isNext ? this.#examination.examine(at) : undefined))
  }

  #parsed({ seq, link, event }: StoredEntry, hash: Hash): Examined | null {
    try {
      const said = parseEvent(event)
      const entry = { link, event, hash, parsed: { link: parseLink(link), event: said } }
      return { entry, seq, t: Date.parse(said.t), asked: null }
    } catch (error) {
      if (!LogError.is(error, 'entry-form')) throw error
      this.#case.findings.add('entry-form', error.message, { seq }, { entry: { link, event } })
      return null
    }
  }

  async finish(): Promise<SliceEnd> {
    const states = new Map([...this.#examination.records].map(([id, { state }]) => [id, state]))
    const findings = this.#case.findings.list()
    return { counts: this.#counts, records: this.#chains.records, states, findings }
  }

  async documents(onDone: (count: number) => void): Promise<readonly Finding[]> {
    this.#case.findings.muted = false
    const documents = new StoredDocuments(this.#case, this.#examination.records)
    for await (const parts of this.#source.documents?.() ?? []) {
      if (!takes(this.#options.part, parts.record)) continue
      await documents.check(parts)
      onDone(1)
    }
    return this.#case.findings.list()
  }
}

/** Leaves as they come. */
class Leaves {
  readonly seqs: Float64Array
  readonly hashes: Uint8Array
  readonly times: Float64Array
  readonly nonces: Float64Array
  #count = 0

  constructor(count: number) {
    this.seqs = new Float64Array(count)
    this.hashes = new Uint8Array(32 * count)
    this.times = new Float64Array(count)
    this.nonces = new Float64Array(count)
  }

  add(seq: number, at: Examined | null): void {
    const i = this.#count++
    this.seqs[i] = seq
    this.times[i] = at === null ? Number.NaN : at.t
    this.nonces[i] = at === null ? -1 : nonceOf(at)
    if (at !== null) writeOwnBase64url(at.entry.hash, this.hashes, 32 * i)
  }

  addErased(seq: number, hash: Bytes): void {
    const i = this.#count++
    this.seqs[i] = seq
    this.times[i] = ERASED
    this.nonces[i] = -1
    this.hashes.set(hash, 32 * i)
  }
}

/** An entry that was read in its bytes: its lines are texts only when they are to be evidence. */
class ReadEntry implements ParsedEntry {
  readonly hash: Hash
  readonly parsed: ParsedEntry['parsed']
  readonly #stored: StoredEntry

  constructor(stored: StoredEntry, hash: Hash, { link, event }: QuickEntry) {
    this.hash = hash
    this.parsed = { link, event }
    this.#stored = stored
  }

  get link(): string {
    return this.#stored.link
  }

  get event(): string {
    return this.#stored.event
  }
}

function rawEntryHash({ raw, linkFrom, linkTo, eventFrom, eventTo }: RawEntry): Hash {
  const { bytes } = raw
  return entryHashOfLines(bytes.subarray(linkFrom, linkTo), bytes.subarray(eventFrom, eventTo))
}

/** 7 symbols of the nonce are 42 bits: enough to notice that one comes again, which is then looked at closely. */
function nonceOf({ entry, asked }: Examined): number {
  if (asked !== null) return asked.request.nonceBeginning
  const base = entry.parsed.event.request?.base
  const at = base?.lastIndexOf(';nonce="') ?? -1
  return base === undefined || at < 0 ? -1 : numberOf(base, at + ';nonce="'.length)
}

function numberOf(text: string, from: number): number {
  let number = 0
  for (let i = from; i < from + 7; i++) number = number * 128 + (text.charCodeAt(i) & 127)
  return number
}

const ofSystem = ({ chain }: StoredEntry): boolean => chain === 'system'

const linesOf = ({ link, event }: StoredEntry) => ({ link, event })
