/**
 * What each change may change: the table of docs/protocol/state.md, which a test holds against this one. A part that a
 * line does not name stays as it was. What the words mean is in `state-parts.ts`.
 */
import type { Action } from '../protocol/entry.ts'

/** How each part of a state may change. */
export interface PartChanges {
  readonly identity: 'the next'
  readonly compartments: 'some rolled' | 'all rolled' | 'all anew' | 'one more'
  readonly grants: 'one more' | 'one less' | 're-issued' | 'confirmed' | 'without them' | 'none'
  readonly delegations: 'one more' | 'one less' | 're-issued' | 'none'
  readonly blocked: 'one more' | 'one less'
  readonly devices: 'one more' | 'one new' | 'fewer, all new' | 'one alone'
  readonly placements: 'one placed'
  readonly bundle: 'same or next' | 'next'
}
export type Part = keyof PartChanges

/** All parts, in the table's order. */
export const PARTS: readonly Part[] = [
  'identity',
  'compartments',
  'grants',
  'delegations',
  'blocked',
  'devices',
  'placements',
  'bundle',
]

/** The table. `record.open` makes the first state, which has its own rules. */
export const STATE_CHANGES = {
  'account.activate': { devices: 'one new', bundle: 'next' },
  'device.add': { devices: 'one more', bundle: 'same or next' },
  'device.remove': {
    compartments: 'all rolled',
    grants: 're-issued',
    delegations: 're-issued',
    devices: 'fewer, all new',
    bundle: 'next',
  },
  'grant.give': { grants: 'one more', bundle: 'same or next' },
  'grant.revoke': { grants: 'one less', bundle: 'same or next' },
  'compartment.roll': {
    compartments: 'some rolled',
    grants: 're-issued',
    delegations: 're-issued',
    bundle: 'next',
  },
  'compartment.add': { compartments: 'one more', bundle: 'next' },
  'access.block': { grants: 'without them', blocked: 'one more', bundle: 'same or next' },
  'access.unblock': { blocked: 'one less', bundle: 'same or next' },
  'delegation.give': { delegations: 'one more', bundle: 'same or next' },
  'delegation.revoke': { grants: 'confirmed', delegations: 'one less', bundle: 'same or next' },
  'document.mask': { placements: 'one placed' },
  'document.unmask': { placements: 'one placed' },
  'document.move': { placements: 'one placed' },
  'identity.change': {
    identity: 'the next',
    compartments: 'all anew',
    grants: 'none',
    delegations: 'none',
    devices: 'one alone',
    bundle: 'next',
  },
} as const satisfies Partial<Record<Action, Partial<PartChanges>>>

/** Actions that bring a state after the first into force. */
export type ChangeAction = keyof typeof STATE_CHANGES

/** Does an entry of this action bring a new state into force? */
export function changesState(action: Action): action is ChangeAction | 'record.open' {
  return action === 'record.open' || Object.hasOwn(STATE_CHANGES, action)
}
