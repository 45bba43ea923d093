import { type Bytes, fromBase64url, lp, randomBytes, toBase64url } from '../crypto/bytes.ts'
import { sha256, sha256Base64url, sha256Into, sha256Text } from '../crypto/hash.ts'
import { type EntryLines, Event, Link } from '../protocol/entry.ts'
import type { Hash } from '../protocol/ids.ts'
import { readEvent, readEventBehind, readLink } from './entry-lines.ts'
import { LogError } from './errors.ts'

/** An entry with its lines' exact text and its hash. */
export interface Entry extends EntryLines {
  readonly hash: Hash
}

/** An entry that was read: what the lines say, beside the lines. */
export interface ParsedEntry extends Entry {
  readonly parsed: { readonly link: Link; readonly event: Event }
}

/**
 * SHA-256(lp(label, SHA-256(link), SHA-256(event))); the leaf data of the entry in the tree. Of an event that was erased
 * its hash is what stands in the event's place (docs/protocol/erasure.md).
 */
export function entryHash(lines: EntryLines): Hash {
  return toBase64url(entryHashBytes(lines)) as Hash
}

/** The same, 32 bytes. */
export function entryHashBytes({ link, event }: EntryLines): Bytes {
  return hashOfHashes(sha256Text(link), erasedHash(event) ?? sha256Text(event))
}

/** The same of lines that are at hand as bytes, neither of them an erased event's. */
export function entryHashOfLines(link: Bytes, event: Bytes): Hash {
  sha256Into(link, hashed, LINK_AT)
  sha256Into(event, hashed, EVENT_AT)
  return sha256Base64url(hashed) as Hash
}

const ERASED = '{"erased":"'
const ERASED_LINE = /^\{"erased":"([A-Za-z0-9_-]{42}[AEIMQUYcgkosw048])"\}$/

/** What takes an event's place when it is erased: no event has this form. */
export function erasedLine(event: string): string {
  return `${ERASED}${toBase64url(sha256Text(event))}"}`
}

/** The hash that stands for an erased event; null for any other line. */
function erasedHash(event: string): Bytes | null {
  if (!event.startsWith(ERASED)) return null
  const hash = ERASED_LINE.exec(event)?.[1]
  return hash === undefined ? null : fromBase64url(hash)
}

/** An entry whose event was erased: its place in its chain, and its hash, are what is left. */
export interface ErasedEntry extends Entry {
  readonly parsed: { readonly link: Link; readonly event: null }
}

/** An entry as a chain has it, whether its event is still there or not. */
export type ChainedEntry = ParsedEntry | ErasedEntry

/** Was its event erased? By right or not, only its order tells. */
export function isErased(entry: ChainedEntry): entry is ErasedEntry {
  return entry.parsed.event === null
}

/** Reads an entry's two lines, the event erased or not. Throws `LogError` `entry-form`. */
export function readEntry(lines: EntryLines): ChainedEntry {
  return parseErased(lines) ?? parseEntry(lines)
}

/** Reads an entry whose event was erased; null when it was not. Throws `LogError` `entry-form`. */
export function parseErased({ link, event }: EntryLines): ErasedEntry | null {
  if (erasedHash(event) === null) return null
  return { link, event, hash: entryHash({ link, event }), parsed: { link: parseLine(link, LINK), event: null } }
}

// One scratch buffer for all, both hashes still to be put in: hashing is synchronous, and logs are long.
const hashed = lp('coffre/v1/entry', new Uint8Array(32), new Uint8Array(32))
const [LINK_AT, EVENT_AT] = [hashed.length - 32 - 4 - 32, hashed.length - 32]

/** The same from the two hashes, 32 bytes each: what the holder of a receipt can compute. */
export function entryHashOf(linkHash: Uint8Array, eventHash: Uint8Array): Hash {
  if (linkHash.length !== 32 || eventHash.length !== 32) throw new RangeError('A hash has 32 bytes')
  return toBase64url(hashOfHashes(linkHash, eventHash)) as Hash
}

function hashOfHashes(linkHash: Uint8Array, eventHash: Uint8Array): Bytes {
  hashed.set(linkHash, LINK_AT)
  hashed.set(eventHash, EVENT_AT)
  return sha256(hashed)
}

/** Writes an entry, once; salts are made here. Throws `LogError` `entry-form` when the parts do not fit the schema. */
export function writeEntry(link: Omit<Link, 'salt' | 'v'>, event: Omit<Event, 'salt'>): ParsedEntry {
  const { record, n, prev } = link
  const { t, actor, action, object, outcome, grant, state, request } = event
  const written = {
    link: writeLink({ v: 1, record, n, prev, salt: nextSalt() }),
    event: writeEvent({ t, actor, action, object, outcome, grant, state, request, salt: nextSalt() }),
  }
  const lines = { link: written.link.line, event: written.event.line }
  return { ...lines, hash: entryHash(lines), parsed: { link: written.link.parsed, event: written.event.parsed } }
}

interface Written<T> {
  readonly line: string
  readonly parsed: T
}

// Written piece by piece, which takes half as long as asking JSON for the whole; and read back: a piece that is not what
// its type promises must not pass for another member of the line.

function writeLink(value: Link): Written<Link> {
  const { record, n, prev, salt } = value
  const line = `{"v":1,"record":"${record}","n":${n},"prev":${quoted(prev)},"salt":"${salt}"}`
  const parsed = readLink(line)
  const isSame = parsed !== null && parsed.record === record && parsed.n === n && parsed.prev === prev
  return isSame ? { line, parsed } : write(value, LINK)
}

function writeEvent(value: Event): Written<Event> {
  const { t, actor, action, object, outcome, grant, state, request, salt } = value
  const head =
    `{"t":"${t}","actor":${JSON.stringify(actor)},"action":"${action}","object":${JSON.stringify(object)},` +
    `"outcome":"${outcome}","grant":${quoted(grant)},"state":${quoted(state)},"request":`
  const asked =
    request === null ? 'null' : `{"base":${JSON.stringify(request.base)},"signature":"${request.signature}"}`
  const line = `${head}${asked},"salt":"${salt}"}`
  const parsed = request === null ? readEvent(line) : readEventBehind(head, request, salt)
  const isSame =
    parsed !== null &&
    parsed.t === t &&
    parsed.action === action &&
    parsed.outcome === outcome &&
    parsed.grant === grant &&
    parsed.state === state &&
    parsed.request?.signature === request?.signature
  return isSame ? { line, parsed } : write(value, EVENT)
}

const quoted = (text: string | null): string => (text === null ? 'null' : `"${text}"`)

/** A line that reads back: as it comes where its members stand in their order already, else as the schema orders them. */
function write<T>(value: unknown, { read, schema }: Form<T>): Written<T> {
  const line = JSON.stringify(value)
  const parsed = read(line)
  if (parsed !== null) return { line, parsed }
  const fitted = fit(value, schema)
  return { line: JSON.stringify(fitted), parsed: fitted }
}

// Asking the generator costs as much as all the rest of an entry: many salts are drawn at once, each is used once.
const SALT_BYTES = 16
let drawn = new Uint8Array(0) as Bytes
let used = 0

function nextSalt(): string {
  if (used === drawn.length) {
    drawn = randomBytes(256 * SALT_BYTES)
    used = 0
  }
  used += SALT_BYTES
  return toBase64url(drawn.subarray(used - SALT_BYTES, used))
}

/** Reads an entry's two lines. Throws `LogError` `entry-form`. */
export function parseEntry({ link, event }: EntryLines): ParsedEntry {
  const parsed = { link: parseLine(link, LINK), event: parseLine(event, EVENT) }
  return { link, event, hash: entryHash({ link, event }), parsed }
}

/** Reads one link line. Throws `LogError` `entry-form`. */
export function parseLink(line: string): Link {
  return parseLine(line, LINK)
}

/** Reads one event line. Throws `LogError` `entry-form`. */
export function parseEvent(line: string): Event {
  return parseLine(line, EVENT)
}

interface Schema<T> {
  safeParse(value: unknown): { success: true; data: T } | { success: false }
}

/** `read` takes what is written as most lines are; the schema what it does not take. */
interface Form<T> {
  read(line: string): T | null
  readonly schema: Schema<T>
}

const LINK: Form<Link> = { read: readLink, schema: Link }
const EVENT: Form<Event> = { read: readEvent, schema: Event }

/**
 * A line is the one minimal text of what it says: with a member given twice it would say two things under one hash, and
 * two readers could read two acts. (So no line feed and no half of a surrogate pair either: both would be escaped.)
 */
function parseLine<T>(line: string, { read, schema }: Form<T>): T {
  const quick = read(line)
  if (quick !== null) return quick
  const value = parseJson(line)
  if (JSON.stringify(value) !== line) throw misfit({ line })
  const said = fit(value, schema, { line })
  // The schema leaves a member "__proto__" of an object out: what it says of the rest would hide what stands there.
  if (JSON.stringify(said).length !== line.length) throw misfit({ line })
  return said
}

function fit<T>(value: unknown, schema: Schema<T>, evidence: object = { value }): T {
  const result = schema.safeParse(value)
  if (!result.success) throw misfit(evidence)
  return result.data
}

function misfit(evidence: object): LogError {
  return new LogError('A line of an entry has not the form it should', { code: 'entry-form', evidence })
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

/**
 * Checks that `next` follows `previous` in one chain; `previous` null for the first. An erased event has no time to compare:
 * whoever goes through a whole chain does so by `ChainWalk`.
 * Throws `LogError` `chain-number`, `chain-record`, `chain-prev`, `chain-time`, the entries as evidence.
 */
export function checkNext(previous: ChainedEntry | null, next: ChainedEntry): void {
  const refuse = (code: string, message: string) => {
    throw new LogError(message, { code, evidence: { previous: previous && lines(previous), next: lines(next) } })
  }
  const { link } = next.parsed
  const n = previous === null ? 0 : previous.parsed.link.n + 1
  if (previous !== null && link.record !== previous.parsed.link.record)
    refuse('chain-record', 'An entry of another record')
  if (link.n !== n) refuse('chain-number', `Entry ${n} of the chain is missing: entry ${link.n} stands in its place`)
  if (link.prev !== (previous?.hash ?? null)) refuse('chain-prev', `Entry ${n} does not follow the entry before it`)
  const [before, after] = [previous?.parsed.event?.t, next.parsed.event?.t]
  if (before !== undefined && after !== undefined && after < before)
    refuse('chain-time', `Entry ${n} is dated before the one before it`)
}

const lines = ({ link, event }: EntryLines): EntryLines => ({ link, event })
