/**
 * Reads an entry's lines by their text, written as docs/protocol/entry.md has a host write them: members in its order,
 * minimal. Several times as fast as the schema, and an audit reads millions of lines.
 *
 * It decides nothing: what it reads, the schema reads to the same value; to every other line it says null, and the
 * schema is asked (entry.ts). Tests and `npm run fuzz` hold it to that.
 */
import {
  ActingPerson,
  Action,
  type Actor,
  type ChainId,
  type Event,
  type EventObject,
  type Link,
  namesOnlyIts,
} from '../protocol/entry.ts'
import { type Hash, Instant, type NationalId, type RecordId } from '../protocol/ids.ts'

const ID = '[A-Za-z0-9_-]{21}[AQgw]'
const HASH = '[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]'
const SALT = ID
const SIGNATURE = '[A-Za-z0-9_-]{85}[AQgw]'
/** Only from the 29th on can a date be one that does not exist. */
const TIME = String.raw`\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z`
/** Printable ASCII without quote, backslash and brace. */
const PLAIN = String.raw`[ !#-\[\]-z|~]`
const MEMBER = String.raw`"[a-z][A-Za-z]{0,31}":(?:"${PLAIN}{0,256}"|0|-?[1-9]\d{0,14}|null)`
/** Names have accents; that it is the one text of what it says is looked at afterwards. */
const ACTING = String.raw`(?:"[A-Za-z]{1,16}":"[^"\\{}\u0000-\u001f]{0,128}",?){6}`

const LINK = new RegExp(
  String.raw`^\{"v":1,"record":"(${ID}|system)","n":(0|[1-9]\d{0,11}),"prev":(?:null|"(${HASH})"),"salt":"(${SALT})"\}$`,
)
/** Up to where the base begins, or up to the end where there is no request. */
const HEAD = new RegExp(
  String.raw`^\{"t":"(${TIME})","actor":\{"kind":"(?:(patient)","id":"(${ID})|(professional|establishment)","id":"([0-9A-Z]{2,30}))",` +
    String.raw`"key":"(${HASH})"(?:,"acting":(\{${ACTING}\}))?\},"action":"([a-z.]{1,32})","object":(\{(?:${MEMBER}(?:,${MEMBER}){0,7})?\}),` +
    `"outcome":"(ok|refused)","grant":(?:null|"(${HASH})"),"state":(?:null|"(${HASH})"),"request":` +
    String.raw`(?:null,"salt":"(${SALT})"\}$|\{"base":(?="))`,
)
/** From the quote that ends the base on. */
const TAIL = new RegExp(String.raw`","signature":"(${SIGNATURE})"\},"salt":"(${SALT})"\}$`, 'y')
const TAIL_LENGTH = '","signature":"'.length + 86 + '"},"salt":"'.length + 22 + '"}'.length
const BASE_MAX = 8192

const ACTIONS: ReadonlySet<string> = new Set(Action.options)

/** A link's line; null when it is not written in that one way. */
export function readLink(line: string): Link | null {
  const match = LINK.exec(line)
  if (match === null) return null
  const [, record, n, prev, salt] = match as unknown as [string, ChainId, string, Hash | undefined, string]
  return { v: 1, record, n: Number(n), prev: prev ?? null, salt }
}

/** An event's line, as `readLink`. */
export function readEvent(line: string): Event | null {
  const head = HEAD.exec(line)
  if (head === null) return null
  const [all, t, , , , , , , action, object, outcome, grant, state, salt] = head as unknown as [
    string,
    Instant,
    ...string[],
  ]
  if (!ACTIONS.has(action as string) || (t.slice(8, 10) > '28' && !Instant.safeParse(t).success)) return null
  const actor = actorOf(head)
  if (actor === null) return null
  const request = salt === undefined ? readRequest(line, all.length) : { request: null, salt }
  if (request === null) return null
  const about = minimal(object as string) as EventObject | undefined
  const act = { action: action as Action, object: about ?? {}, outcome: outcome as Event['outcome'] }
  if (about === undefined || !namesOnlyIts(act)) return null
  return {
    t,
    actor,
    ...act,
    grant: (grant as Hash | undefined) ?? null,
    state: (state as Hash | undefined) ?? null,
    ...request,
  }
}

const SIGNED = new RegExp(`^${SIGNATURE}$`)

/**
 * What `readEvent` reads of the line that is `head`, up to its request, then this request as JSON writes it, then the salt.
 * The base is not read back: JSON wrote it, and it is most of the line.
 */
export function readEventBehind(head: string, { base, signature }: SignedBase, salt: string): Event | null {
  if (typeof base !== 'string' || base.length > BASE_MAX || !base.isWellFormed() || !SIGNED.test(signature)) return null
  const said = readEvent(`${head}null,"salt":"${salt}"}`)
  return said && { ...said, request: { base, signature } }
}

type SignedBase = NonNullable<Event['request']>

function actorOf([, , patient, record, holder, id, key, acting]: RegExpExecArray): Actor | null {
  if (patient !== undefined) {
    return acting === undefined ? { kind: 'patient', id: record as RecordId, key: key as Hash } : null
  }
  const named = { id: id as NationalId, key: key as Hash }
  if (holder === 'professional') return acting === undefined ? { kind: holder, ...named } : null
  if (acting === undefined) return null
  const person = ActingPerson.safeParse(minimal(acting))
  return person.success ? { kind: 'establishment', ...named, acting: person.data } : null
}

function readRequest(line: string, from: number): Pick<Event, 'request' | 'salt'> | null {
  const to = line.length - TAIL_LENGTH
  if (to <= from) return null
  TAIL.lastIndex = to
  const tail = TAIL.exec(line)
  if (tail === null) return null
  // Whether that quote is the one which ends the text, and what escapes stand for, is JSON's to say.
  const text = line.slice(from, to + 1)
  // Without these two escapes, and whole surrogate pairs alone, JSON has one way to write a text: no need to write it.
  const isMinimal = !text.includes('\\u') && !text.includes('\\/') && text.isWellFormed()
  const base = isMinimal ? parsed(text) : minimal(text)
  if (typeof base !== 'string' || base.length > BASE_MAX) return null
  const [, signature, salt] = tail as unknown as [string, string, string]
  return { request: { base, signature }, salt }
}

/** The value of which this is the one minimal text, undefined when it is none. */
function minimal(json: string): unknown {
  const value = parsed(json)
  return JSON.stringify(value) === json ? value : undefined
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}
