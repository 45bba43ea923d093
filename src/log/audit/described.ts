import type { Action, EventObject } from '../../protocol/entry.ts'
import type { Hash } from '../../protocol/ids.ts'
import type { SetName } from '../../protocol/record.ts'
import type { StateInForce } from '../state-in-force.ts'

/** What an entry's object must say of a change (docs/protocol/entry.md); null where there is nothing to compare. */
export function described(action: Action, previous: StateInForce, next: StateInForce): EventObject | null {
  const added = (set: SetName) => firstNew(previous, next, set)
  const gone = (set: SetName) => firstNew(next, previous, set)
  switch (action) {
    case 'grant.give':
      return grant(next, added('grants'))
    case 'grant.revoke':
      return grant(previous, gone('grants'))
    case 'compartment.roll':
      return { count: rolled(previous, next) }
    case 'compartment.add':
      return said('compartment', next.state.payload.compartments.at(-1)?.id)
    case 'device.add':
      return said('device', added('devices'))
    case 'device.remove':
      return { count: previous.sets.devices.length - next.sets.devices.length }
    case 'delegation.give':
      return said('delegation', added('delegations'))
    case 'delegation.revoke':
      return said('delegation', gone('delegations'))
    case 'access.block':
      return said('holder', added('blocked'))
    case 'access.unblock':
      return said('holder', gone('blocked'))
    case 'document.mask':
    case 'document.unmask':
    case 'document.move': {
      const hash = added('placements')
      const placement = next.placements.get(hash as Hash)
      return placement === undefined ? null : { document: placement.payload.documentId, placement: placement.hash }
    }
    default:
      return null
  }
}

/** The first content that a set has and had not. */
function firstNew(before: StateInForce, after: StateInForce, set: SetName): string | undefined {
  const had: ReadonlySet<string> = new Set<string>(before.sets[set])
  return (after.sets[set] as readonly string[]).find(content => !had.has(content))
}

function grant({ grants }: StateInForce, hash: string | undefined): EventObject | null {
  const held = grants.get(hash as Hash)
  return held === undefined ? null : { grant: held.hash, grantee: held.payload.grantee.id }
}

function rolled({ state: before }: StateInForce, { state: after }: StateInForce): number {
  const epochs = before.payload.compartments.map(({ epoch }) => epoch)
  return after.payload.compartments.filter(({ epoch }, index) => epoch !== epochs[index]).length
}

const said = (name: string, value: string | undefined): EventObject | null =>
  value === undefined ? null : { [name]: value }
