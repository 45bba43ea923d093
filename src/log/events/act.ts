/** An entry as the two event formats tell it: who, through what, about what. */
import { CryptoError } from '../../crypto/errors.ts'
import { parseBase } from '../../crypto/httpsig.ts'
import type { Anchors } from '../../protocol/anchors.ts'
import type { Actor } from '../../protocol/entry.ts'
import type { ParsedEntry } from '../entry.ts'
import { type About, MEANINGS, type Meaning } from './meaning.ts'

/** The deployment that the entries are of. */
export type Deployment = Pick<Anchors, 'deployment' | 'name' | 'origin' | 'urls'>

/** What the certificate of a card says of its holder; null where the directory does not say. */
export type HolderOf = (actor: Actor) => { readonly name: string; readonly profession: string | null } | null

/** A name of something, under the system that it is unique in. */
export interface Named {
  readonly system: string
  readonly value: string
}

/** National register of persons, and of structures (their OIDs as URNs). */
const PERSONS = 'urn:oid:1.2.250.1.71.4.2.1'
const STRUCTURES = 'urn:oid:1.2.250.1.71.4.2.2'

export interface Act {
  readonly entry: ParsedEntry
  /** Number among all entries. */
  readonly seq: number
  readonly meaning: Meaning
  readonly deployment: Deployment
  /** Null in the host's own chain. */
  readonly patient: Named | null
  /** What it was about; null when the entry names nothing. */
  readonly object: Named | null
  /** Who acted; null for the host itself. */
  readonly user: User | null
  /** For whom, when a person acted for an establishment. */
  readonly organisation: (Named & { readonly name: string | null }) | null
  /** The key that signed the request, as its `keyid`; null without one. */
  readonly client: string | null
  /** Authority of the listener that took the request. */
  readonly server: string
  /** Method, path and query of the request. */
  readonly asked: string
  /** Why it was refused, the problem's code; null when it was not. */
  readonly reason: string | null
  /** Every member of the entry that has no place of its own in an event. */
  readonly details: readonly (readonly [name: string, value: string])[]
}

export interface User extends Named {
  readonly kind: 'patient' | 'person' | 'organisation'
  readonly name: string | null
  readonly role: string | null
}

/** Reads an entry as an act. */
export function actOf(
  { entry, seq }: { readonly entry: ParsedEntry; readonly seq: number },
  { deployment, holderOf }: { readonly deployment: Deployment; readonly holderOf: HolderOf },
): Act {
  const { link, event } = entry.parsed
  const { actor, action, object } = event
  const meaning = MEANINGS[action]
  const inSystem = (noun: string, value: string): Named => ({
    system: `urn:coffre:${deployment.deployment}:${noun}`,
    value,
  })
  const { member, noun } = meaning.about
  const value = member === null ? undefined : object[member]
  const record = link.record === 'system' ? null : inSystem('record', link.record)
  const nameOf = (kind: About['noun'], id: string) => (kind === 'holder' ? ofHolder(id) : inSystem(kind, id))
  const listener = actor.kind === 'professional' || actor.kind === 'establishment' ? 'professionals' : 'patients'
  const request = requestOf(entry)
  const holder = holderOf(actor)
  return {
    ...{ entry, seq, meaning, deployment },
    patient: record,
    object: value === undefined ? record : value === null ? null : nameOf(noun, String(value)),
    user: userOf(actor, { inSystem, holder }),
    organisation: actor.kind === 'establishment' ? { ...ofHolder(actor.id), name: plain(holder?.name) } : null,
    client: request?.keyId ?? null,
    server: request?.authority ?? new URL(deployment.urls[listener]).host,
    reason: event.outcome === 'refused' ? (plain(String(object.reason ?? '')) ?? 'refused') : null,
    asked: request === null ? action : `${request.method} ${request.path}${request.query}`,
    details: detailsOf(entry, seq),
  }
}

function userOf(
  actor: Actor,
  {
    inSystem,
    holder,
  }: { readonly inSystem: (noun: string, value: string) => Named; readonly holder: ReturnType<HolderOf> },
): User | null {
  switch (actor.kind) {
    case 'patient':
      return { ...inSystem('record', actor.id), kind: 'patient', name: null, role: null }
    case 'professional':
      return { ...ofHolder(actor.id), kind: 'person', name: plain(holder?.name), role: plain(holder?.profession) }
    case 'establishment': {
      const { id, idSystem, name, role } = actor.acting
      const named = { system: plain(idSystem) ?? '', value: plain(id) ?? '?' }
      return { ...named, kind: 'person', name: plain(name), role: plain(role) }
    }
    case 'insurer':
      return { ...inSystem('insurer', actor.id), kind: 'organisation', name: null, role: null }
    case 'host':
      return null
  }
}

/** A national id's first digit says what it numbers: 0 and 8 persons, 1 to 4 structures. */
const ofHolder = (id: string): Named => ({ system: /^[08]/.test(id) ? PERSONS : STRUCTURES, value: id })

function requestOf({ parsed }: ParsedEntry) {
  if (parsed.event.request === null) return null
  try {
    return parseBase(parsed.event.request.base)
  } catch (error) {
    if (CryptoError.is(error)) return null // an audit finds it; the act is told all the same
    throw error
  }
}

function detailsOf({ parsed: { link, event }, hash }: ParsedEntry, seq: number): [string, string][] {
  const acting = event.actor.kind === 'establishment' ? event.actor.acting : null
  const said: Record<string, string | number | null | undefined> = {
    entry: hash,
    seq,
    chain: link.record,
    n: link.n,
    prev: link.prev,
    state: event.state,
    grant: event.grant,
    key: 'key' in event.actor ? event.actor.key : null,
    authMethod: acting?.authMethod,
    authTime: acting?.authTime,
  }
  for (const [name, value] of Object.entries(event.object)) said[`object.${name}`] = value
  return Object.entries(said).flatMap(([name, value]) => {
    const text = value === null || value === undefined ? null : plain(String(value))
    return text === null ? [] : [[name, text] as [string, string]]
  })
}

// Neither XML 1.0 nor a FHIR string can hold these.
const UNPRINTABLE = /[^\P{Cc}\t\n\r]|[\ufffe\uffff]/gu

/** Text from outside as both formats can hold it; null for none. */
function plain(text: string | null | undefined): string | null {
  if (text === null || text === undefined) return null
  const shown = text.toWellFormed().replace(UNPRINTABLE, '\ufffd')
  return shown.trim() === '' ? null : shown
}
