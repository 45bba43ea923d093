import type { Bytes } from '../../crypto/bytes.ts'
import { LogError } from '../errors.ts'

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
  readonly link: string
  readonly event: string
  /** The hash under which the store finds it, when it keeps one. */
  readonly hash?: string
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
  'state',
  'grant',
  'placement',
  'delegation',
  'handover',
  'recovery',
  'deposit',
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
  /** How many entries there are about, for the progress shown. */
  entryCount(): Awaitable<number>
  /** In the order of `seq`. */
  entries(): AsyncIterable<StoredEntry>
  entryAt(chain: string, n: number): Awaitable<StoredEntry | null>
  entryByHash(hash: string): Awaitable<StoredEntry | null>
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
