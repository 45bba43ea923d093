import type { Bytes } from '../../crypto/bytes.ts'
import { LogError } from '../errors.ts'
import type { RawEntry } from './quick-entry.ts'

/** What the auditor is given can be read no further; becomes the finding `store-unreadable`. */
export class SourceError extends LogError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'source-unreadable', cause })
  }
}

/** An entry as the store has it. */
export interface StoredEntry {
  /** 0, 1, 2 …: its place in the tree. */
  readonly seq: number
  /** The chain under which it is filed. */
  readonly chain: string
  readonly link: string
  readonly event: string
  /** The hash under which the store finds it, when it keeps one. */
  readonly hash?: string
  /** Where the very same lines stand among bytes, for who reads them there. */
  readonly inBytes?: RawEntry
}

/** Some of the chains, so that several threads share them: each chain is in one part, the system's is read by all. */
export interface Part {
  /** 0..of-1. */
  readonly index: number
  readonly of: number
}

/** Every chain. */
export const WHOLE: Part = { index: 0, of: 1 }

/** Is a record's chain in this part? `AuditSource.entries` must say the same. What is no record's id is in the first. */
export function takes({ index, of }: Part, record: string): boolean {
  return ((record.charCodeAt(0) * 31 + record.charCodeAt(5)) % of || 0) === index
}

/** Entries by number, those of one part. */
export interface EntryRange {
  /** The first number. */
  readonly from: number
  /** The number after the last. */
  readonly to: number
  readonly part: Part
}

/** A checkpoint as the store has it. */
export interface StoredCheckpoint {
  readonly size: number
  /** base64url. */
  readonly root: string
  /** The signed note. */
  readonly signed: string
}

export const STATEMENT_KINDS = [
  'registration',
  'identity',
  'activation',
  'key',
  'withdrawal',
  'state',
  'grant',
  'placement',
  'delegation',
  'handover',
  'recovery',
  'deposit',
  'erasure',
] as const
export type StatementName = (typeof STATEMENT_KINDS)[number]

/** A statement as the store has it. */
export interface StoredText {
  /** The hash it is filed under. */
  readonly hash: string
  readonly statement: string
  /** The record it is filed under; null for what belongs to none. */
  readonly record: string | null
}

/** A revocation list, with when the host first had it. */
export interface StoredCrl {
  readonly der: Bytes
  /** RFC 3339. */
  readonly seenAt: string
}

/** What is stored of a document beside its deposit. */
export interface StoredParts {
  readonly record: string
  readonly document: string
  /** base64url. */
  readonly manifest: string
  /** base64url. */
  readonly envelope: string
  /** Where the store has it. */
  readonly compartment: string
  /** The ciphertext; null when it is not there. */
  body(): AsyncIterable<Bytes> | null
}

type Awaitable<T> = T | Promise<T>

/**
 * What an audit reads: an export, or a store. Nothing in it is believed. Every method throws `SourceError` when it
 * cannot be read. Lookups give null for what is not there; they are asked in no order, and often.
 */
export interface AuditSource {
  /** One more than the number of the last entry. */
  size(): Awaitable<number>
  /** In the order of `seq`; what is missing is left out. Each is looked at before the next range is asked for. */
  entries(range: EntryRange): Awaitable<readonly StoredEntry[]>
  entryAt(chain: string, n: number): Awaitable<StoredEntry | null>
  entryByHash(hash: string): Awaitable<StoredEntry | null>
  /**
   * Was an entry of this hash, as the store says, passed over not long ago while `entries` gave those of a part, and is its
   * number below `before`? Spares a look-up; that its lines are of that hash is for who examines the other part.
   */
  hasPassed?(hash: string, before: number): boolean
  /** In the order of size. */
  checkpoints(): AsyncIterable<StoredCheckpoint>
  checkpointOf(size: number): Awaitable<StoredCheckpoint | null>
  /** The note that the host serves now. */
  published(): Awaitable<string | null>
  /** A file of the public log by its path (C2SP tlog-tiles). */
  tile(path: string): Awaitable<Bytes | null>
  statement(kind: StatementName, hash: string): Awaitable<string | null>
  /** The sets beside a state, as JSON. */
  sets(state: string): Awaitable<string | null>
  /** All of a kind; states in the order of record, then of `seq`. */
  statements(kind: StatementName): AsyncIterable<StoredText>
  crls(): AsyncIterable<StoredCrl>
  /** Documents as stored; absent when there is no ciphertext to be checked. */
  documents?(): AsyncIterable<StoredParts>
  documentCount?(): Awaitable<number>
}
