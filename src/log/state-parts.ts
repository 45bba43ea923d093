/** What the words of the table of changes mean, part by part. Each throws `LogError` `state-…` when the change is another. */
import type { Hash } from '../protocol/ids.ts'
import type { SetName } from '../protocol/record.ts'
import type { Delegation, Grant, StateCompartment } from '../protocol/statements.ts'
import { delegationBehind } from './delegation.ts'
import { PARTS, type Part, type PartChanges } from './state-changes.ts'
import { named, type StateInForce } from './state-in-force.ts'
import { demand, type Verified } from './verified.ts'

type Rule = (previous: StateInForce, next: StateInForce) => void

/** Checks every part: as the line of the table says, and where it says nothing, the same as before. */
export function checkParts(line: Partial<PartChanges>, previous: StateInForce, next: StateInForce): void {
  for (const part of PARTS) {
    const change = line[part]
    if (change === undefined) same(part, previous, next)
    else (RULES[part] as Record<string, Rule>)[change]?.(previous, next)
  }
}

const RULES: { readonly [P in Part]: Record<PartChanges[P], Rule> } = {
  identity: {
    'the next': (previous, next) => {
      const follows = next.identity.payload.prevIdentity === previous.identity.hash
      demand(follows, 'state-identity', 'The new identity does not name the one it follows')
    },
  },
  compartments: {
    'some rolled': (previous, next) => {
      const pairs = pairsOf(previous, next, 0)
      for (const [old, now] of pairs) if (text(now) !== text(old)) checkRolled(old, now, { begins: false })
      const some = pairs.some(([old, now]) => text(now) !== text(old))
      demand(some, 'state-compartments', 'A roll rolls at least one compartment')
    },
    'all rolled': (previous, next) => {
      for (const [old, now] of pairsOf(previous, next, 0)) checkRolled(old, now, { begins: false })
    },
    'all anew': (previous, next) => {
      for (const [old, now] of pairsOf(previous, next, 0)) checkRolled(old, now, { begins: true })
    },
    'one more': (previous, next) => {
      const pairs = pairsOf(previous, next, 1)
      const stay = pairs.every(([old, now]) => text(old) === text(now))
      demand(stay, 'state-compartments', 'A new compartment leaves the others as they are')
      const added = next.state.payload.compartments.at(-1)
      const first = added?.epoch === 0 && added.link === null
      demand(first, 'state-compartments', 'A new compartment is in epoch 0, without a link')
    },
  },
  grants: {
    'one more': gains('grants'),
    'one less': loses('grants'),
    're-issued': (previous, next) => reissued(previous, next, 'grants', GRANTS),
    'without them': (previous, next) => {
      const { added, removed } = difference(previous, next, 'grants')
      const blocked = new Set<string>(difference(previous, next, 'blocked').added)
      const theirs = named(removed as Hash[], previous.grants).every(({ payload }) => blocked.has(payload.grantee.id))
      demand(added.length === 0 && theirs, 'state-sets', 'Blocking somebody takes back their grants, and no others')
    },
    confirmed,
    none: empty('grants'),
  },
  delegations: {
    'one more': gains('delegations'),
    'one less': loses('delegations'),
    're-issued': (previous, next) => reissued(previous, next, 'delegations', DELEGATIONS),
    none: empty('delegations'),
  },
  blocked: { 'one more': gains('blocked'), 'one less': loses('blocked') },
  devices: {
    'one more': gains('devices'),
    'one new': (previous, next) => {
      const { added, removed } = difference(previous, next, 'devices')
      const some = removed.length < previous.sets.devices.length
      demand(added.length === 1 && some, 'state-sets', 'One device comes, and not all before it go')
    },
    'fewer, all new': (previous, next) => {
      const { removed } = difference(previous, next, 'devices')
      const { length: before } = previous.sets.devices
      const { length: after } = next.sets.devices
      const fewer = after > 0 && after < before && removed.length === before
      demand(fewer, 'state-sets', 'Fewer devices stay, each with the new account key')
    },
    'one alone': (previous, next) => {
      const { added } = difference(previous, next, 'devices')
      const alone = added.length === 1 && next.sets.devices.length === 1
      demand(alone, 'state-sets', 'A new identity begins with one new device leaf, its kit’s')
    },
  },
  placements: { 'one placed': placed },
  bundle: {
    'same or next': (previous, next) => {
      const { bundle: before } = previous.state.payload
      const { bundle: after } = next.state.payload
      if (text(before) !== text(after)) nextBundle(previous, next)
    },
    next: nextBundle,
  },
}

/** The part is as it was. Sets are compared as lists without order. */
function same(part: Part, previous: StateInForce, next: StateInForce): void {
  const [before, after] = [previous.state.payload, next.state.payload]
  if (part === 'identity' || part === 'bundle' || part === 'compartments') {
    const kept = text(before[part]) === text(after[part])
    demand(kept, `state-${part}`, `This change leaves the ${part} as it was`)
    return
  }
  const { added, removed } = difference(previous, next, part)
  demand(added.length === 0 && removed.length === 0, 'state-sets', `This change leaves the set ${part} as it is`)
}

/** Compartments before and after, in their fixed order; `more` have come at the end. */
function pairsOf(previous: StateInForce, next: StateInForce, more: number): [StateCompartment, StateCompartment][] {
  const [before, after] = [previous.state.payload.compartments, next.state.payload.compartments]
  demand(after.length === before.length + more, 'state-compartments', `${more} compartments come, and none goes`)
  return before.map((old, index) => {
    const now = after[index] as StateCompartment
    demand(now.id === old.id, 'state-compartments', 'Compartments keep their order')
    return [old, now]
  })
}

/** In the next epoch with a new key; linked back, or with no link where an epoch may begin anew. */
function checkRolled(old: StateCompartment, now: StateCompartment, { begins }: { readonly begins: boolean }): void {
  demand(
    now.epoch === old.epoch + 1 && now.publicKey !== old.publicKey && (now.link !== null || begins),
    'state-compartments',
    'A rolled compartment has the next epoch, a new key and a link',
  )
}

/** How a set's statements are told apart, and what one says apart from what a roll changes. */
interface Reissued<T> {
  of(state: StateInForce): ReadonlyMap<Hash, Verified<T>>
  id(payload: T): string
  parts(payload: T): readonly { readonly id: string }[]
}
const GRANTS: Reissued<Grant> = {
  of: ({ grants }) => grants,
  id: ({ grantId }) => grantId,
  parts: ({ compartments }) => compartments,
}
const DELEGATIONS: Reissued<Delegation> = {
  of: ({ delegations }) => delegations,
  id: ({ delegationId }) => delegationId,
  parts: ({ compartments }) => compartments,
}

/** Every statement stays; those that name a rolled compartment are said again, for its new epoch, and no others. */
function reissued<T extends object>(
  previous: StateInForce,
  next: StateInForce,
  set: 'grants' | 'delegations',
  { of, id, parts }: Reissued<T>,
): void {
  const rolled = rolledOf(previous, next)
  const before = new Map(named(previous.sets[set], of(previous)).map(each => [id(each.payload), each]))
  demand(previous.sets[set].length === next.sets[set].length, 'state-sets', `A roll keeps the set ${set} whole`)
  for (const now of named(next.sets[set], of(next))) {
    const old = before.get(id(now.payload))
    demand(old !== undefined, 'state-sets', 'A roll gives nothing new')
    if (!parts(old.payload).some(each => rolled.has(each.id))) {
      demand(now.hash === old.hash, 'state-sets', 'A roll re-issues only what names a rolled compartment')
    } else {
      demand(
        withoutSeals(now.payload, parts(now.payload), rolled) === withoutSeals(old.payload, parts(old.payload), rolled),
        'state-sets',
        'What is re-issued says the same',
      )
    }
  }
}

/** A statement's text without what a roll changes. */
function withoutSeals(payload: object, parts: readonly { readonly id: string }[], rolled: ReadonlySet<string>): string {
  const compartments = parts.map(each => (rolled.has(each.id) ? { ...each, epoch: null, seal: null } : each))
  return JSON.stringify({ ...payload, t: null, compartments })
}

function rolledOf({ state: before }: StateInForce, { state: after }: StateInForce): Set<string> {
  const epochs = new Map(before.payload.compartments.map(({ id, epoch }) => [id, epoch]))
  return new Set(after.payload.compartments.filter(({ id, epoch }) => epochs.get(id) !== epoch).map(({ id }) => id))
}

/** What a card gave goes with its delegation, or the patient says it again. (That nobody else signed it: `checkHolds`.) */
function confirmed(previous: StateInForce, next: StateInForce): void {
  const { added, removed } = difference(previous, next, 'grants')
  const ended = difference(previous, next, 'delegations').removed
  const gone = named(removed as Hash[], previous.grants)
  const theirs = gone.every(grant => ended.includes(delegationBehind(grant, previous)?.hash ?? ''))
  demand(theirs, 'state-sets', 'With a delegation go grants that its card signed, and no others')
  const before = new Map(gone.map(({ payload }) => [payload.grantId, text({ ...payload, t: null })]))
  const again = named(added as Hash[], next.grants).every(
    ({ payload }) => before.get(payload.grantId) === text({ ...payload, t: null }),
  )
  demand(again, 'state-sets', 'A grant that a card gave is confirmed as it was')
}

function placed(previous: StateInForce, next: StateInForce): void {
  const { added, removed } = difference(previous, next, 'placements')
  const [placement, ...more] = named(added as Hash[], next.placements)
  demand(placement !== undefined && more.length === 0, 'state-sets', 'One document is placed at a time')
  const { documentId, from, to, epoch } = placement.payload
  const before = named(removed as Hash[], previous.placements)
  const replaces = before.every(({ payload }) => payload.documentId === documentId && payload.to === from)
  demand(before.length <= 1 && replaces, 'state-sets', 'A placement replaces only the same document’s')
  const target = next.state.payload.compartments.find(({ id }) => id === to)
  demand(target?.epoch === epoch, 'state-epoch', 'A placement must name the current epoch')
}

function difference(previous: StateInForce, next: StateInForce, set: SetName) {
  const before: readonly string[] = previous.sets[set]
  const after: readonly string[] = next.sets[set]
  const [had, has] = [new Set(before), new Set(after)]
  return {
    added: after.filter(content => !had.has(content)),
    removed: before.filter(content => !has.has(content)),
  }
}

function gains(set: SetName): Rule {
  return (previous, next) => {
    const { added, removed } = difference(previous, next, set)
    demand(added.length === 1 && removed.length === 0, 'state-sets', `The set ${set} gains exactly one`)
  }
}

function loses(set: SetName): Rule {
  return (previous, next) => {
    const { added, removed } = difference(previous, next, set)
    demand(added.length === 0 && removed.length === 1, 'state-sets', `The set ${set} loses exactly one`)
  }
}

function empty(set: SetName): Rule {
  return (_, next) =>
    demand(next.sets[set].length === 0, 'state-sets', `Under a new identity the set ${set} begins empty`)
}

function nextBundle({ state: before }: StateInForce, { state: after }: StateInForce): void {
  const due = before.payload.bundle.version + 1
  demand(after.payload.bundle.version === due, 'state-bundle', `Bundle version ${due} is due`)
}

const text = (value: unknown): string => JSON.stringify(value)
