import { fromBase64url, toBase64url, wiping } from '../../crypto/bytes.ts'
import { SealSecretKey } from '../../crypto/keys.ts'
import type { VerifiedKey } from '../../log/key-statement.ts'
import type { Verified } from '../../log/verified.ts'
import type { BundleCompartment } from '../../protocol/bundle.ts'
import type { CompartmentId, GrantId, Hash } from '../../protocol/ids.ts'
import type { SealedGrant } from '../../protocol/messages.ts'
import type { Grant, StateCompartment } from '../../protocol/statements.ts'
import { instant } from '../clock.ts'
import { nextEpoch } from '../epochs.ts'
import { type Giver, reissueGrant } from '../grants.ts'
import type { Seen } from '../seen.ts'
import { nextBundle, type PlannedChange } from './change.ts'
import { type RecordView, stateCompartment } from './view.ts'

/** Compartments whose current secret was given to somebody who may not read them any more. */
export function dueRolls(view: Pick<RecordView, 'bundle' | 'grants'>): BundleCompartment[] {
  const reading = new Set<string>()
  for (const { payload } of view.grants.values()) {
    for (const { id, rights } of payload.compartments) {
      if (rights.includes('read')) reading.add(`${payload.grantId}/${id}`)
    }
  }
  return view.bundle.compartments.filter(({ id, exposed }) => exposed.some(grant => !reading.has(`${grant}/${id}`)))
}

/** Grants in force that name one of these compartments. */
export function grantsNaming(
  view: Pick<RecordView, 'grants'>,
  compartments: ReadonlySet<CompartmentId>,
): Verified<Grant>[] {
  return [...view.grants.values()].filter(({ payload }) => payload.compartments.some(({ id }) => compartments.has(id)))
}

/** With what a roll is made. */
export interface RollContext {
  readonly giver: Giver
  readonly seen: Seen
  readonly now: Date
  /** A key statement, verified now. */
  keyOf(hash: Hash): Promise<VerifiedKey>
}

/** The part of a view that a roll is made from. */
export type RollView = Pick<RecordView, 'patient' | 'state' | 'bundle' | 'grants' | 'sealedGrants'>

/**
 * Plans the roll of every compartment that is due: a new epoch with its link, and the re-issue of each grant that names
 * one, sealed to its grantee's key. `keyOf` gives a key statement *verified now* (card, chain, revocation), or throws.
 */
export async function planRoll(view: RollView, context: RollContext): Promise<PlannedChange> {
  const due = new Set(dueRolls(view).map(({ id }) => id))
  return { action: 'compartment.roll', ...(await planNewEpochs(view, due, context)), object: {} }
}

/** New epochs of these compartments, with what a state needs for them: the part that rolls and a lost device share. */
export async function planNewEpochs(
  view: RollView,
  due: ReadonlySet<CompartmentId>,
  context: RollContext,
): Promise<Pick<Required<PlannedChange>, 'compartments' | 'grants' | 'dropGrants' | 'bundle'>> {
  const { giver, seen, now } = context
  const rolled = new Map<CompartmentId, BundleCompartment>()
  const compartments: StateCompartment[] = view.bundle.compartments.map(({ id, kind, secret }) => {
    const current = stateCompartment(view, id)
    if (!due.has(id)) return current
    using old = wiping(fromBase64url(secret), SealSecretKey.parse)
    const next = nextEpoch(view.patient.recordId, current, old)
    using fresh = next.secret
    rolled.set(id, {
      id,
      kind,
      epoch: next.compartment.epoch,
      secret: wiping(fresh.bytes, toBase64url),
      exposed: readersOf(view, id),
    })
    return next.compartment
  })
  const grants: SealedGrant[] = []
  const dropGrants: Hash[] = []
  for (const grant of grantsNaming(view, due)) {
    const seals = view.sealedGrants.get(grant.hash)?.seals ?? []
    const to = await context.keyOf(grant.payload.grantee.keyStatement)
    grants.push(await reissueGrant(giver, { grant, seals, to, rolled, t: instant(now) }))
    dropGrants.push(grant.hash)
  }
  const held = view.bundle.compartments.map(each => rolled.get(each.id) ?? each)
  const bundle = nextBundle(seen, view, held)
  return { compartments, grants, dropGrants, bundle }
}

function readersOf(view: Pick<RecordView, 'grants'>, compartment: CompartmentId): GrantId[] {
  return grantsNaming(view, new Set([compartment]))
    .filter(({ payload }) =>
      payload.compartments.some(({ id, rights }) => id === compartment && rights.includes('read')),
    )
    .map(({ payload }) => payload.grantId)
}
