/** The two lines of an entry (docs/protocol/entry.md). Their bytes, not these objects, are hashed and kept. */
import { z } from 'zod'
import { bytesField, Hash, Instant, NationalId, RecordId } from './ids.ts'

const RECORD_ACTIONS = [
  'record.open',
  'record.close',
  'record.reopen',
  'record.destroy',
  'account.activate',
  'session.start',
  'session.fail',
  'session.end',
  'document.list',
  'document.read',
  'document.deposit',
  'document.refused',
  'document.mask',
  'document.unmask',
  'document.move',
  'document.withdraw',
  'grant.give',
  'grant.revoke',
  'compartment.roll',
  'compartment.add',
  'device.add',
  'device.remove',
  'contact.change',
  'delegation.give',
  'delegation.revoke',
  'access.view',
  'access.request',
  'access.deny',
  'access.block',
  'access.unblock',
  'recovery.start',
  'recovery.stop',
  'notices.set',
  'identity.change',
] as const

export const SYSTEM_ACTIONS = [
  'host.start',
  'host.stop',
  'portal.build',
  'host.operate',
  'registration.import',
  'key.publish',
  'key.withdraw',
  'strangers.refused',
  'log.erase',
] as const

export const Action = z.enum([...RECORD_ACTIONS, ...SYSTEM_ACTIONS])
export type Action = z.infer<typeof Action>

/** Which chain: a record's, or the host's own. */
export const ChainId = z.union([RecordId, z.literal('system')])
export type ChainId = z.infer<typeof ChainId>

export const Link = z.strictObject({
  v: z.literal(1),
  record: ChainId,
  /** 0, 1, 2 … in this chain. */
  n: z
    .int()
    .min(0)
    .max(2 ** 40 - 1),
  /** Entry hash of n - 1; null for n = 0. */
  prev: Hash.nullable(),
  salt: bytesField({ exactly: 16 }),
})
export type Link = z.infer<typeof Link>

/** The person acting for an establishment, as the establishment vouches; covered by the request's signature. */
export const ActingPerson = z.strictObject({
  id: z.string().min(1).max(64),
  idSystem: z.string().min(1).max(128),
  name: z.string().min(1).max(128),
  role: z.string().min(1).max(64),
  authMethod: z.string().min(1).max(64),
  authTime: Instant,
})
export type ActingPerson = z.infer<typeof ActingPerson>

export const Actor = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('patient'), id: RecordId, key: Hash }),
  z.strictObject({ kind: z.literal('professional'), id: NationalId, key: Hash }),
  z.strictObject({ kind: z.literal('establishment'), id: NationalId, key: Hash, acting: ActingPerson }),
  z.strictObject({ kind: z.literal('insurer'), id: z.string().max(64) }),
  z.strictObject({ kind: z.literal('host'), id: z.literal('host') }),
])
export type Actor = z.infer<typeof Actor>

/**
 * What the act was about. Its members by action are `OBJECT_MEMBERS`; `reason` besides, when it was refused.
 * All values are ids, hashes, numbers, problem codes, the portal's origin: never a title, a name, an INS or a person's address.
 */
export const EventObject = z.record(
  z.string().regex(/^[a-z][A-Za-z]{0,31}$/),
  z.union([z.string().max(256), z.int(), z.null()]),
)
export type EventObject = z.infer<typeof EventObject>

/** The table of docs/protocol/entry.md, which a test holds against it: what an entry of this action may name. */
export const OBJECT_MEMBERS: Readonly<Record<Action, readonly string[]>> = {
  'record.open': ['identity', 'registration'],
  'record.close': [],
  'record.reopen': [],
  'record.destroy': ['count'],
  'account.activate': ['registration', 'activation', 'slot'],
  'session.start': ['device'],
  'session.end': ['device', 'session'],
  'session.fail': ['device', 'reason'],
  'grant.give': ['grant', 'grantee'],
  'grant.revoke': ['grant', 'grantee'],
  'compartment.roll': ['count'],
  'compartment.add': ['compartment'],
  'device.add': ['device'],
  'device.remove': ['count'],
  'contact.change': ['contact'],
  'delegation.give': ['delegation'],
  'delegation.revoke': ['delegation'],
  'access.block': ['holder'],
  'access.unblock': ['holder'],
  'recovery.start': ['recovery', 'identity', 'registration'],
  'recovery.stop': ['identity'],
  'identity.change': ['identity', 'registration', 'recovery', 'handover'],
  'document.mask': ['document', 'placement'],
  'document.unmask': ['document', 'placement'],
  'document.move': ['document', 'placement'],
  'document.withdraw': ['document'],
  'access.view': ['compartment', 'reason'],
  'access.request': ['request'],
  'access.deny': ['request'],
  'document.list': ['ids', 'count'],
  'document.read': ['document'],
  'document.deposit': ['document', 'compartment', 'deposit'],
  'document.refused': ['document', 'reason'],
  'notices.set': ['accesses'],
  'key.publish': ['keyStatement'],
  'key.withdraw': ['keyStatement', 'withdrawal'],
  'registration.import': ['registration', 'purpose'],
  'host.start': ['version'],
  'host.stop': ['version'],
  'portal.build': ['origin', 'build'],
  'host.operate': ['act'],
  'strangers.refused': ['count', 'reason'],
  'log.erase': ['order', 'from', 'to'],
}

/** Nothing else may stand in an entry that everybody's exports carry on: a member nobody looks at could hold anything. */
export function namesOnlyIts({ action, object, outcome }: Pick<Event, 'action' | 'object' | 'outcome'>): boolean {
  const members = OBJECT_MEMBERS[action]
  return Object.keys(object).every(name => members.includes(name) || (name === 'reason' && outcome === 'refused'))
}

const EventParts = z.strictObject({
  t: Instant,
  actor: Actor,
  action: Action,
  object: EventObject,
  outcome: z.enum(['ok', 'refused']),
  /** Grant statement's hash under which a professional acted; null for the patient and for refusals. */
  grant: Hash.nullable(),
  /** The state in force, or the new state that this entry brings into force. */
  state: Hash.nullable(),
  /** Signature base (RFC 9421) and signature of the request that caused it; null for the host's own acts. */
  request: z.strictObject({ base: z.string().max(8192), signature: bytesField({ exactly: 64 }) }).nullable(),
  salt: bytesField({ exactly: 16 }),
})
export const Event = EventParts.refine(namesOnlyIts)
export type Event = z.infer<typeof EventParts>

/** One entry as stored: the two lines' exact text, without line feeds. */
export type EntryLines = { readonly link: string; readonly event: string }

/** Acts that are over when they are done: nothing later rests on their entries, so that their events may be forgotten. */
const PASSING_ACTIONS: ReadonlySet<Action> = new Set([
  'session.start',
  'session.end',
  'session.fail',
  'document.list',
  'document.read',
  'document.refused',
  'access.view',
  'access.request',
  'access.deny',
])

/** May the event be forgotten, once its term is over? A refused act brought nothing about. */
export function isPassing({ action, outcome }: Pick<Event, 'action' | 'outcome'>): boolean {
  return outcome === 'refused' || PASSING_ACTIONS.has(action)
}
