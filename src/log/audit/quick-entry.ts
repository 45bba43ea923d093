/**
 * Reads the entries that nearly all entries are, reads and lists of documents behind a signed GET, in one look at their
 * text: both the event and the signed request in it, which is left in its escapes until somebody wants its bytes.
 *
 * It decides nothing: what it reads, `parseEntry`, `parseBase` and `parseSeen` read to the same values; of every other
 * entry it says null, and they are asked (reading.ts). A test and `npm run fuzz` hold it to that.
 */
import type { SignedRequest } from '../../crypto/httpsig.ts'
import { ActingPerson, type Actor, type Event, type EventObject } from '../../protocol/entry.ts'
import { type Hash, Instant, type NationalId, type RecordId } from '../../protocol/ids.ts'
import type { Seen } from '../seen.ts'

/** What a signed request asked for, as far as an audit looks at it. */
export type AskedRequest = Pick<
  SignedRequest,
  'method' | 'path' | 'query' | 'session' | 'acting' | 'created' | 'nonce' | 'keyId'
>

/** An event, its time in milliseconds, and the request behind it. */
export interface QuickEvent {
  readonly event: Event
  readonly t: number
  readonly request: AskedRequest
  readonly seen: Seen
}

const ID = '[A-Za-z0-9_-]{21}[AQgw]'
const HASH = '[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]'
/** Printable ASCII without space, quote and backslash: nothing of it is escaped. */
const WORD = String.raw`[!#-\[\]-~]+`
/** Names have accents. What is escaped, or ends a text, is left to others. */
const PERSON = String.raw`(\{(?:"[A-Za-z]{1,16}":"[^"\\{}\u0000-\u001f]{0,128}",?){6}\})`
/** A quote and a line feed as they are escaped in a text of JSON. */
const Q = String.raw`\\"`
const LF = String.raw`\\n`
const line = (name: string, value: string) => `${Q}${name}${Q}: ${value}${LF}`
const covered = (name: string) => `${Q}${name}${Q}`

const EVENT = new RegExp(
  [
    String.raw`^\{"t":"(\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01]))T((?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3})Z",`,
    `"actor":\\{"kind":"(?:(patient)","id":"(${ID})|(professional|establishment)","id":"([0-9A-Z]{2,30}))",`,
    `"key":"(${HASH})"(?:,"acting":${PERSON})?\\},`,
    `"action":"(document\\.(?:read|list))",`,
    `"object":\\{(?:"document":"(${ID})"(?:,"reason":"([a-z-]{1,64})")?|"ids":"(${HASH})","count":(0|[1-9]\\d{0,8}))\\},`,
    `"outcome":"(ok|refused)","grant":(?:null|"(${HASH})"),"state":(?:null|"(${HASH})"),"request":\\{"base":"(`,
    line('@method', 'GET'),
    line('@authority', String.raw`[a-z0-9.[\]:-]{1,255}(?<!:443)`),
    line('@path', String.raw`(\/[!$-;=@-\[\]_a-z~]*)`),
    line('@query', String.raw`\?([!$-;=?-\[\]_a-z~]*)`),
    line('content-digest', 'sha-256=:[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=:'),
    line(
      'coffre-seen',
      `tree=(0|[1-9]\\d{0,12}):(${HASH})(?:, chain=(0|[1-9]\\d{0,12}):(${HASH})|, receipt=(${HASH}))?`,
    ),
    `(?:${line('coffre-session', `(${WORD})`)})?(?:${line('coffre-acting', `(${WORD})`)})?`,
    `${covered('@signature-params')}: \\(`,
    ['@method', '@authority', '@path', '@query', 'content-digest', 'coffre-seen'].map(covered).join(' '),
    `( ${covered('coffre-session')})?( ${covered('coffre-acting')})?\\);created=(0|[1-9][0-9]{0,11});`,
    `nonce=${Q}(${ID})${Q};keyid=${Q}([A-Za-z0-9_.:-]{1,128})${Q};alg=${Q}ed25519${Q};tag=${Q}coffre-v1${Q}`,
    `)","signature":"([A-Za-z0-9_-]{85}[AQgw])"\\},"salt":"(${ID})"\\}$`,
  ].join(''),
)
/** What stands at which place of the match. */
const AT = {
  ...{ date: 1, time: 2, patient: 3, record: 4, holder: 5, id: 6, key: 7, person: 8, action: 9, document: 10 },
  ...{ reason: 11, ids: 12, count: 13, outcome: 14, grant: 15, state: 16, base: 17, path: 18, query: 19, size: 20 },
  ...{ root: 21, n: 22, chain: 23, receipt: 24, session: 25, acting: 26, coversSession: 27, coversActing: 28 },
  ...{ created: 29, nonce: 30, keyId: 31, signature: 32, salt: 33 },
} as const
/** Where an event's time stands. */
const T_AT = '{"t":"'.length
const T_LENGTH = 24
/** No base is longer. */
const LINE_MAX = 8192
/** Persons kept ready: the same ones act again and again. */
const PERSONS = 4096

/** The request as an entry has it; its text is read when it is wanted, which only signatures do. */
class WrittenRequest {
  readonly signature: string
  readonly #escaped: string

  constructor(escaped: string, signature: string) {
    this.#escaped = escaped
    this.signature = signature
  }

  get base(): string {
    return JSON.parse(`"${this.#escaped}"`) as string
  }
}

export class QuickReader {
  readonly #persons = new Map<string, ActingPerson | null>()
  /** The last day that was looked up: entries come in the order of time. */
  #day = { date: '', from: Number.NaN }

  /** Null for a line that is not of that kind, or not written in that one way. */
  read(text: string): QuickEvent | null {
    if (text.length > LINE_MAX) return null
    const match = EVENT.exec(text)
    if (match === null) return null
    const t = this.#time(match[AT.date] as string, match[AT.time] as string)
    const actor = this.#actor(match)
    const object = objectOf(match)
    const request = requestOf(match)
    if (Number.isNaN(t) || actor === null || object === null || request === null) return null
    const event: Event = {
      t: text.slice(T_AT, T_AT + T_LENGTH) as Instant,
      actor,
      action: match[AT.action] as Event['action'],
      object,
      outcome: match[AT.outcome] as Event['outcome'],
      grant: (match[AT.grant] as Hash | undefined) ?? null,
      state: (match[AT.state] as Hash | undefined) ?? null,
      request: new WrittenRequest(match[AT.base] as string, match[AT.signature] as string),
      salt: match[AT.salt] as string,
    }
    return { event, t, request, seen: seenIn(match) }
  }

  #time(date: string, time: string): number {
    if (date !== this.#day.date) {
      const midnight = Instant.safeParse(`${date}T00:00:00.000Z`)
      if (!midnight.success) return Number.NaN
      this.#day = { date, from: Date.parse(midnight.data) }
    }
    const two = (at: number) => (time.charCodeAt(at) - 48) * 10 + time.charCodeAt(at + 1) - 48
    const seconds = (two(0) * 60 + two(3)) * 60 + two(6)
    return this.#day.from + seconds * 1000 + (time.charCodeAt(9) - 48) * 100 + two(10)
  }

  #actor(match: RegExpExecArray): Actor | null {
    const [key, acting] = [match[AT.key] as Hash, match[AT.person]]
    if (match[AT.patient] !== undefined) {
      return acting === undefined ? { kind: 'patient', id: match[AT.record] as RecordId, key } : null
    }
    const named = { id: match[AT.id] as NationalId, key }
    if (match[AT.holder] === 'professional') return acting === undefined ? { kind: 'professional', ...named } : null
    const person = acting === undefined ? null : this.#person(acting)
    return person === null ? null : { kind: 'establishment', ...named, acting: person }
  }

  #person(text: string): ActingPerson | null {
    let person = this.#persons.get(text)
    if (person === undefined) {
      person = personIn(text)
      if (this.#persons.size >= PERSONS) this.#persons.clear()
      this.#persons.set(text, person)
    }
    return person
  }
}

/** The person that this is the one minimal text of; null when it is of none. */
function personIn(text: string): ActingPerson | null {
  try {
    const value: unknown = JSON.parse(text)
    const person = ActingPerson.safeParse(value)
    return JSON.stringify(value) === text && person.success ? person.data : null
  } catch {
    return null
  }
}

function seenIn(match: RegExpExecArray): Seen {
  const tree = { size: Number(match[AT.size]), root: match[AT.root] as Hash }
  const [hash, receipt] = [match[AT.chain], match[AT.receipt]]
  if (hash !== undefined) return { tree, chain: { n: Number(match[AT.n]), hash: hash as Hash } }
  return receipt === undefined ? { tree } : { tree, receipt: receipt as Hash }
}

/** Members by action, and a reason where it was refused, as docs/protocol/entry.md has them. */
function objectOf(match: RegExpExecArray): EventObject | null {
  const [document, reason, ids] = [match[AT.document], match[AT.reason], match[AT.ids]]
  const isRefused = match[AT.outcome] === 'refused'
  if (match[AT.action] === 'document.list') return ids === undefined ? null : { ids, count: Number(match[AT.count]) }
  if (document === undefined) return null
  if (reason === undefined) return { document }
  return isRefused ? { document, reason } : null
}

function requestOf(match: RegExpExecArray): AskedRequest | null {
  const { [AT.query]: query, [AT.session]: session, [AT.acting]: acting } = match
  // Covered exactly when it is there.
  if ((session === undefined) !== (match[AT.coversSession] === undefined)) return null
  if ((acting === undefined) !== (match[AT.coversActing] === undefined)) return null
  const request = {
    method: 'GET',
    path: match[AT.path] as string,
    query: query === '' ? '' : `?${query}`,
    created: Number(match[AT.created]),
    nonce: match[AT.nonce] as string,
    keyId: match[AT.keyId] as string,
  }
  if (session === undefined && acting === undefined) return request
  return { ...request, ...(session !== undefined && { session }), ...(acting !== undefined && { acting }) }
}
