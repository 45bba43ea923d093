/**
 * Reads the entries that nearly all entries are, reads and lists of documents behind a signed GET, in one walk over their
 * bytes: the link, the event and the signed request in it. What is seldom wanted (salts, the request's base and its
 * signature) stays bytes until somebody asks.
 *
 * It decides nothing: what it reads, `parseEntry`, `parseBase` and `parseSeen` read to the same values; of every other
 * entry it says null, and they are asked (slice.ts). A test and `npm run fuzz` hold it to that.
 */
import { type Bytes, fromUtf8, utf8 } from '../../crypto/bytes.ts'
import {
  ActingPerson,
  type Actor,
  type ChainId,
  type Event,
  type EventObject,
  type Link,
} from '../../protocol/entry.ts'
import { type Hash, Instant, type NationalId, type RecordId } from '../../protocol/ids.ts'
import type { Seen } from '../seen.ts'
import { KnownTexts } from './known-texts.ts'
import {
  AUTHORITY,
  type Fixed,
  HASH_LENGTH,
  ID_LENGTH,
  KEY_ID,
  LineWalk,
  NATIONAL_ID,
  QUERY,
  type RawBytes,
  REASON,
  WORD,
} from './line-bytes.ts'
import { BASE, EVENT, LINK } from './quick-forms.ts'
import { QuickRequest } from './quick-request.ts'

/** Where an entry's two lines stand among the bytes of a source: first byte, and the one after the last. */
export interface RawEntry {
  readonly raw: RawBytes
  readonly linkFrom: number
  readonly linkTo: number
  readonly eventFrom: number
  readonly eventTo: number
}

/** An entry's lines, its time in milliseconds, and the request behind it. */
export interface QuickEntry {
  readonly link: Link
  readonly event: Event
  readonly t: number
  readonly request: QuickRequest
  readonly seen: Seen
}

const T_AT = '{"t":"'.length
const T_LENGTH = 24
const DATE_LENGTH = 10
/** No base is longer. */
const LINE_MAX = 8192
const PERSON_MAX = 1024
const BRACE = 0x7d
const PORT_443 = utf8(':443')

class QuickLink implements Link {
  readonly v = 1
  readonly record: ChainId
  readonly n: number
  readonly prev: Hash
  readonly #raw: RawBytes
  readonly #saltFrom: number

  constructor(said: Pick<Link, 'record' | 'n'> & { readonly prev: Hash }, raw: RawBytes, saltFrom: number) {
    this.record = said.record
    this.n = said.n
    this.prev = said.prev
    this.#raw = raw
    this.#saltFrom = saltFrom
  }

  get salt(): string {
    return this.#raw.text(this.#saltFrom, this.#saltFrom + ID_LENGTH)
  }
}

class QuickEvent implements Event {
  readonly t: Instant
  readonly actor: Actor
  readonly action: Event['action']
  readonly object: EventObject
  readonly outcome: Event['outcome']
  readonly grant: Hash | null
  readonly state: Hash | null
  readonly request: QuickRequest
  readonly #raw: RawBytes
  readonly #saltFrom: number

  constructor(said: Omit<Event, 'salt' | 'request'> & { readonly request: QuickRequest }, raw: RawBytes, salt: number) {
    this.t = said.t
    this.actor = said.actor
    this.action = said.action
    this.object = said.object
    this.outcome = said.outcome
    this.grant = said.grant
    this.state = said.state
    this.request = said.request
    this.#raw = raw
    this.#saltFrom = salt
  }

  get salt(): string {
    return this.#raw.text(this.#saltFrom, this.#saltFrom + ID_LENGTH)
  }
}

export class QuickReader {
  readonly #walk = new LineWalk()
  #raw: RawBytes = { bytes: new Uint8Array(0), view: new DataView(new ArrayBuffer(0)), text: () => '' }
  // What comes again and again; each kind apart, since what is known is not looked at again.
  readonly #ids = new KnownTexts<string>({ longest: ID_LENGTH, places: 16_384 })
  readonly #hashes = new KnownTexts<Hash>({ longest: HASH_LENGTH, places: 16_384 })
  readonly #keyIds = new KnownTexts<string>({ longest: 64 })
  readonly #actors = new KnownTexts<Exclude<Actor, { kind: 'insurer' | 'host' }>>({ longest: 192 })
  readonly #persons = new KnownTexts<ActingPerson>({ longest: PERSON_MAX, places: 1024 })
  readonly #trees = new KnownTexts<Seen['tree']>({ longest: 64, places: 1024 })
  readonly #words = new KnownTexts<string>({ longest: 512, places: 1024 })
  readonly #days = new KnownTexts<number>({ longest: DATE_LENGTH, places: 64 })

  /** Null for an entry that is not of that kind, or not written in that one way. */
  read({ raw, linkFrom, linkTo, eventFrom, eventTo }: RawEntry): QuickEntry | null {
    if (eventTo - eventFrom > LINE_MAX) return null
    this.#raw = raw
    this.#walk.begin(raw, linkFrom, linkTo)
    const link = this.#link()
    if (link === null) return null
    this.#walk.begin(raw, eventFrom, eventTo)
    return this.#event(link, eventFrom)
  }

  #link(): Link | null {
    const walk = this.#walk
    if (!walk.fixed(LINK.record)) return null
    const record = this.#id() as RecordId | null
    if (record === null || !walk.fixed(LINK.n)) return null
    const n = walk.number(12)
    if (n < 0 || !walk.fixed(LINK.prev)) return null
    const prevFrom = walk.at
    if (!walk.hash() || !walk.fixed(LINK.salt)) return null
    const saltFrom = walk.at
    if (!walk.id() || !walk.fixed(LINK.end) || !walk.isAtEnd) return null
    return new QuickLink({ record, n, prev: this.#text(prevFrom, HASH_LENGTH) as Hash }, this.#raw, saltFrom)
  }

  #event(link: Link, eventFrom: number): QuickEntry | null {
    const walk = this.#walk
    const t = this.#time()
    if (t === null) return null
    const actor = this.#actor()
    if (actor === null) return null
    const isList = walk.fixed(EVENT.list)
    const object = isList ? this.#listed() : walk.fixed(EVENT.read) ? this.#document() : null
    if (object === null) return null
    const isRefused = walk.fixed(EVENT.refused)
    if ((!isRefused && !walk.fixed(EVENT.ok)) || (!isRefused && 'reason' in object)) return null
    const grant = this.#nullable()
    if (grant === undefined || !walk.fixed(EVENT.state)) return null
    const state = this.#nullable()
    if (state === undefined || !walk.fixed(EVENT.request)) return null
    const asked = this.#request()
    if (asked === null || !walk.fixed(EVENT.salt)) return null
    const saltFrom = walk.at
    if (!walk.id() || !walk.fixed(EVENT.end) || !walk.isAtEnd) return null
    const { request, seen } = asked
    const act = { action: isList ? 'document.list' : 'document.read', outcome: isRefused ? 'refused' : 'ok' } as const
    const said = { t: this.#text(eventFrom + T_AT, T_LENGTH) as Instant, actor, ...act, object, grant, state, request }
    return { link, event: new QuickEvent(said, this.#raw, saltFrom), t, request, seen }
  }

  #text(from: number, length: number): string {
    return this.#raw.text(from, from + length)
  }

  /** Null unless there are 16 bytes, base64url. */
  #id(): string | null {
    const from = this.#walk.at
    const known = this.#ids.get(this.#raw, from, from + ID_LENGTH)
    if (known !== undefined) return this.#walk.skip(ID_LENGTH) ? known : null
    return this.#walk.id() ? this.#ids.put(this.#raw, from, this.#walk.at, this.#text(from, ID_LENGTH)) : null
  }

  /** Null unless there are 32 bytes, base64url. */
  #hash(): Hash | null {
    const from = this.#walk.at
    const known = this.#hashes.get(this.#raw, from, from + HASH_LENGTH)
    if (known !== undefined) return this.#walk.skip(HASH_LENGTH) ? known : null
    if (!this.#walk.hash()) return null
    return this.#hashes.put(this.#raw, from, this.#walk.at, this.#text(from, HASH_LENGTH) as Hash)
  }

  /** A hash or null; undefined for anything else. */
  #nullable(): Hash | null | undefined {
    if (this.#walk.fixed(EVENT.none)) return null
    const hash = this.#walk.fixed(EVENT.quote) ? this.#hash() : null
    return hash !== null && this.#walk.fixed(EVENT.quote) ? hash : undefined
  }

  /** Up to its Z, milliseconds. */
  #time(): number | null {
    const walk = this.#walk
    if (!walk.fixed(EVENT.t)) return null
    const from = walk.at
    if (!walk.skip(DATE_LENGTH + 1) || this.#raw.bytes[walk.at - 1] !== 0x54) return null
    const day = this.#days.get(this.#raw, from, from + DATE_LENGTH) ?? this.#midnight(from)
    if (day === null) return null
    const hours = walk.digits(2, 24)
    if (hours < 0 || !this.#separator(0x3a)) return null
    const minutes = walk.digits(2, 60)
    if (minutes < 0 || !this.#separator(0x3a)) return null
    const seconds = walk.digits(2, 60)
    if (seconds < 0 || !this.#separator(0x2e)) return null
    const thousandths = walk.digits(3, 1000)
    return thousandths < 0 ? null : day + ((hours * 60 + minutes) * 60 + seconds) * 1000 + thousandths
  }

  #separator(byte: number): boolean {
    return this.#walk.next === byte && this.#walk.skip(1)
  }

  #midnight(from: number): number | null {
    const midnight = Instant.safeParse(`${this.#text(from, DATE_LENGTH)}T00:00:00.000Z`)
    if (!midnight.success) return null
    return this.#days.put(this.#raw, from, from + DATE_LENGTH, Date.parse(midnight.data))
  }

  #actor(): Actor | null {
    const walk = this.#walk
    const isPatient = walk.fixed(EVENT.patient)
    const isProfessional = !isPatient && walk.fixed(EVENT.professional)
    if (!isPatient && !isProfessional && !walk.fixed(EVENT.establishment)) return null
    const kind = isPatient ? 'patient' : isProfessional ? 'professional' : 'establishment'
    const from = walk.at
    if (isPatient ? this.#id() === null : !this.#isBetween(walk.run(NATIONAL_ID), 2, 30)) return null
    const idTo = walk.at
    if (!walk.fixed(EVENT.key)) return null
    const key = this.#hash()
    if (key === null) return null
    const known = this.#actors.get(this.#raw, from, walk.at)
    if (kind === 'establishment') {
      const acting = walk.fixed(EVENT.acting) ? this.#person() : null
      if (acting === null || !walk.fixed(EVENT.actingEnd)) return null
      return { kind, id: this.#text(from, idTo - from) as NationalId, key, acting }
    }
    const to = walk.at
    if (!walk.fixed(EVENT.actorEnd)) return null
    if (known?.kind === kind) return known
    const id = this.#text(from, idTo - from)
    const actor = isPatient
      ? ({ kind: 'patient', id: id as RecordId, key } as const)
      : ({ kind: 'professional', id: id as NationalId, key } as const)
    return this.#actors.put(this.#raw, from, to, actor)
  }

  #isBetween(count: number, least: number, most: number): boolean {
    return count >= least && count <= most
  }

  #person(): ActingPerson | null {
    const from = this.#walk.at
    if (!this.#walk.through(BRACE, PERSON_MAX)) return null
    const to = this.#walk.at
    const known = this.#persons.get(this.#raw, from, to)
    if (known !== undefined) return known
    const person = personIn(this.#raw.bytes.subarray(from, to))
    return person && this.#persons.put(this.#raw, from, to, person)
  }

  #document(): EventObject | null {
    const walk = this.#walk
    const document = this.#id()
    if (document === null) return null
    if (walk.fixed(EVENT.objectEnd)) return { document }
    if (!walk.fixed(EVENT.reason)) return null
    const from = walk.at
    const length = walk.run(REASON)
    if (!this.#isBetween(length, 1, 64) || !walk.fixed(EVENT.objectEnd)) return null
    return { document, reason: this.#word(from, length) }
  }

  #listed(): EventObject | null {
    const walk = this.#walk
    const ids = this.#hash()
    if (ids === null || !walk.fixed(EVENT.count)) return null
    const count = walk.number(9)
    return count < 0 || !walk.fixed(EVENT.listEnd) ? null : { ids, count }
  }

  /** A text whose bytes were looked at. */
  #word(from: number, length: number): string {
    const to = from + length
    return this.#words.get(this.#raw, from, to) ?? this.#words.put(this.#raw, from, to, this.#text(from, length))
  }

  #request(): { readonly request: QuickRequest; readonly seen: Seen } | null {
    const walk = this.#walk
    const raw = this.#raw
    const baseFrom = walk.at
    if (!walk.fixed(BASE.method) || !this.#authority() || !walk.fixed(BASE.path)) return null
    const record = this.#id()
    if (record === null || !walk.fixed(BASE.documents)) return null
    const document = walk.fixed(BASE.document) ? this.#id() : undefined
    if (document === null || !walk.fixed(BASE.query)) return null
    const queryFrom = walk.at - 1 // with its question mark
    const query = walk.run(QUERY) === 0 ? '' : this.#word(queryFrom, walk.at - queryFrom)
    if (!walk.fixed(BASE.digest) || !walk.digest() || !walk.fixed(BASE.tree)) return null
    const seen = this.#seen()
    if (seen === null || !walk.fixed(BASE.end)) return null
    const session = this.#header(BASE.session)
    const acting = session === null ? null : this.#header(BASE.acting)
    if (session === null || acting === null || !walk.fixed(BASE.parameters)) return null
    // Covered exactly when it is there.
    if (walk.fixed(BASE.coversSession) !== (session !== undefined)) return null
    if (walk.fixed(BASE.coversActing) !== (acting !== undefined)) return null
    const created = walk.fixed(BASE.created) ? walk.number(12) : -1
    if (created < 0 || !walk.fixed(BASE.nonce)) return null
    const nonceFrom = walk.at
    if (!walk.id() || !walk.fixed(BASE.keyId)) return null
    const keyId = this.#keyId()
    if (keyId === null || !walk.fixed(BASE.algorithm)) return null
    const baseTo = walk.at
    if (!walk.fixed(EVENT.signature)) return null
    const signatureFrom = walk.at
    if (!walk.signature()) return null
    const places = { raw, baseFrom, baseTo, nonceFrom, signatureFrom }
    const said = { record, document: document ?? null, query, session, acting, created, keyId }
    return { request: new QuickRequest({ ...places, ...said }), seen }
  }

  #authority(): boolean {
    const walk = this.#walk
    if (!this.#isBetween(walk.run(AUTHORITY), 1, 255)) return false
    return !PORT_443.every((byte, i) => this.#raw.bytes[walk.at - 4 + i] === byte)
  }

  #keyId(): string | null {
    const from = this.#walk.at
    const length = this.#walk.run(KEY_ID)
    if (!this.#isBetween(length, 1, 128)) return null
    const { at } = this.#walk
    return this.#keyIds.get(this.#raw, from, at) ?? this.#keyIds.put(this.#raw, from, at, this.#text(from, length))
  }

  #seen(): Seen | null {
    const walk = this.#walk
    const from = walk.at
    const size = walk.number(13)
    if (size < 0 || !walk.fixed(BASE.colon)) return null
    const root = this.#hash()
    if (root === null) return null
    const tree = this.#trees.get(this.#raw, from, walk.at) ?? this.#trees.put(this.#raw, from, walk.at, { size, root })
    if (walk.fixed(BASE.receipt)) {
      const at = walk.at
      return walk.hash() ? { tree, receipt: this.#text(at, HASH_LENGTH) as Hash } : null
    }
    if (!walk.fixed(BASE.chain)) return { tree }
    const n = walk.number(13)
    if (n < 0 || !walk.fixed(BASE.colon)) return null
    const at = walk.at
    return walk.hash() ? { tree, chain: { n, hash: this.#text(at, HASH_LENGTH) as Hash } } : null
  }

  /** The value of a header of ours; undefined when there is none, null when it is not one of plain words. */
  #header(name: Fixed): string | undefined | null {
    const walk = this.#walk
    if (!walk.fixed(name)) return undefined
    const from = walk.at
    const length = walk.run(WORD)
    return length > 0 && walk.fixed(BASE.end) ? this.#word(from, length) : null
  }
}

/** The person that this is the one minimal text of; null when it is of none. Names have accents. */
function personIn(bytes: Bytes): ActingPerson | null {
  try {
    const text = fromUtf8(bytes)
    const value: unknown = JSON.parse(text)
    const person = ActingPerson.safeParse(value)
    return JSON.stringify(value) === text && person.success ? person.data : null
  } catch {
    return null
  }
}
