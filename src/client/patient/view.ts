import { fromBase64url, toBase64url } from '../../crypto/bytes.ts'
import type { AccountKey, SealSecretKey } from '../../crypto/keys.ts'
import type { SigningKey } from '../../crypto/sign.ts'
import { statementHash } from '../../crypto/statement.ts'
import { verifyDelegation } from '../../log/delegation.ts'
import { verifyGrant, verifyPlacement } from '../../log/grant.ts'
import { setsMatch } from '../../log/sets.ts'
import { checkHolds } from '../../log/state-holds.ts'
import type { StateInForce } from '../../log/state-in-force.ts'
import type { Verified } from '../../log/verified.ts'
import type { Bundle, BundleCompartment } from '../../protocol/bundle.ts'
import type { CompartmentId, DocumentId, Hash, Ins, SlotId } from '../../protocol/ids.ts'
import type { RecordState, SealedGrant, SealedPlacement, Vaultkeys } from '../../protocol/messages.ts'
import type { StateSets } from '../../protocol/record.ts'
import type { Delegation, Grant, Placement, State } from '../../protocol/statements.ts'
import type { IdentityPapers } from '../../protocol/succession.ts'
import type { Trust } from '../anchors.ts'
import { openBundle } from '../bundle.ts'
import { InputError, VerificationError } from '../errors.ts'
import { hashText } from '../grant-seal.ts'
import { acceptMarks, type Seen } from '../seen.ts'
import { readServedState } from '../served-state.ts'
import { namedSlot, openSlot, type SlotOpener } from '../slots.ts'
import { leadsTo, type VerifiedPatient, verifyPatient } from '../trust.ts'

/** The secrets of a record, unlocked, and where they come from. */
export interface RecordKeys {
  readonly accountKey: AccountKey
  readonly bundle: Bundle
  /** Signs states, grants, placements and requests. */
  readonly sign: SigningKey
  /** Opens what is sealed to the patient. */
  readonly seal: SealSecretKey
}

/** A record as its patient holds it: the state in force, everything its roots commit to, and the keys. All checked. */
export interface RecordView extends StateInForce, RecordKeys {
  readonly patient: VerifiedPatient
  /** The grants of the state with their seals, by hash. */
  readonly sealedGrants: ReadonlyMap<Hash, SealedGrant>
  readonly sealedPlacements: ReadonlyMap<Hash, SealedPlacement>
  /** Keys of grants that their holders withdrew, as the host says; to be proved before it counts. */
  readonly withdrawn: readonly Hash[]
  /** When the host destroys a record that is closed, as it says; null when it is not closed. */
  readonly destroyedAt: Date | null
}

/** What is needed to check what the host says about one's own record. */
export interface ViewContext {
  readonly trust: Trust
  readonly patient: VerifiedPatient
  readonly accountKey: AccountKey
  readonly seen: Seen
}

/**
 * Checks the host's answer on the state: signature and identity, not older than what was seen, the sets behind its
 * roots, every grant and placement it names (and no other), the bundle. Gives the view and what is now seen.
 * Throws `CryptoError`, `LogError`, `VerificationError` (`state-…`, `record-state`, `bundle-…`, `epoch-key`).
 */
export async function readView(
  answer: RecordState,
  { trust, patient, accountKey, seen }: ViewContext,
): Promise<{ readonly view: RecordView; readonly seen: Seen }> {
  const { deployment } = trust.anchors
  const context = { deployment, ...patient }
  const { state, seen: accepted } = await readServedState(answer, context, seen)
  checkRoots(state, answer.sets)
  const delegations = new Map<Hash, Verified<Delegation>>()
  for (const text of answer.delegations ?? []) {
    const delegation = await verifyDelegation(text, context)
    delegations.set(delegation.hash, delegation)
  }
  checkSame('delegations', answer.sets.delegations, delegations)
  const givers = { ...context, delegations: [...delegations.values()] }
  const grants = new Map<Hash, Verified<Grant>>()
  const sealedGrants = new Map<Hash, SealedGrant>()
  for (const sealed of answer.grants) {
    const grant = await verifyGrant(sealed.statement, givers)
    const fits =
      sealed.seals.length === grant.payload.compartments.length &&
      grant.payload.compartments.every(({ seal }, i) => hashText(fromBase64url(sealed.seals[i] as string)) === seal)
    if (!fits) throw notTheState('a grant has other seals than it names', grant.text)
    grants.set(grant.hash, grant)
    sealedGrants.set(grant.hash, sealed)
  }
  const placements = new Map<Hash, Verified<Placement>>()
  const sealedPlacements = new Map<Hash, SealedPlacement>()
  for (const sealed of answer.placements) {
    const placement = await verifyPlacement(sealed.statement, context)
    if (hashText(fromBase64url(sealed.envelope)) !== placement.payload.envelope) {
      throw notTheState('a placement has another envelope than it names', placement.text)
    }
    placements.set(placement.hash, placement)
    sealedPlacements.set(placement.hash, sealed)
  }
  checkSame('grants', answer.sets.grants, grants)
  checkSame('placements', answer.sets.placements, placements)

  const sealed = fromBase64url(answer.bundle)
  const opened = openBundle({ accountKey, sealed, ...patient, state: state.payload })
  const { identity } = patient
  const inForce: StateInForce = { state, sets: answer.sets, identity, grants, delegations, placements }
  checkHolds(inForce)
  const view = { patient, ...inForce, sealedGrants, sealedPlacements, accountKey }
  const known = { ...accepted, grants: { ...accepted.grants, ...textsOf(grants) } }
  const withdrawn = answer.withdrawn ?? []
  const destroyedAt = answer.destroyedAt === undefined ? null : new Date(answer.destroyedAt)
  return { view: { ...view, withdrawn, destroyedAt, ...opened }, seen: acceptMarks(known, opened.bundle.seen) }
}

/** The record unlocked from what a client gets before it has a session. */
export interface Unlocked extends RecordKeys {
  readonly patient: VerifiedPatient
  readonly state: Verified<State>
  readonly sets: StateSets
  readonly slotId: SlotId
  readonly accountKeyVersion: number
}

/**
 * Checks and opens the sealed material of a sign-in or an activation: who the patient is (from the insurer's key on, for
 * this INS), the state, the slot, the bundle. Throws as `verifyPatient`, `readView`, `openSlot`.
 */
export async function unlock(input: {
  readonly trust: Trust
  readonly ins: Ins
  readonly keys: Vaultkeys
  readonly seen: Seen
  /** A slot's key, or the account key itself, as another device has handed it over. */
  readonly opener: SlotOpener | { readonly kind: 'account'; readonly accountKey: AccountKey }
  readonly slotId?: SlotId
  /** The identity statement that this folder knew: the one in force must be it, or one that names it as before it. */
  readonly known?: string | undefined
}): Promise<{ readonly unlocked: Unlocked; readonly seen: Seen }> {
  const { trust, ins, keys, opener, slotId } = input
  const patient = await verifyPatient(trust, ins, keys)
  if (input.known !== undefined && !leadsTo(patient, toBase64url(statementHash(input.known)) as Hash)) {
    throw new VerificationError('The host names another identity for this record than the one known here', {
      code: 'identity-changed',
      evidence: { known: input.known, served: keys.identity },
    })
  }
  const context = { deployment: trust.anchors.deployment, ...patient }
  const { state, seen: accepted } = await readServedState(keys, context, input.seen)
  checkRoots(state, keys.sets)
  const { recordId } = patient
  const { slots, sets } = keys
  const { accountKey, slot } =
    opener.kind === 'account'
      ? { accountKey: opener.accountKey, slot: namedSlot(slots, sets) }
      : openSlot({ recordId, slots, sets, opener, ...(slotId === undefined ? {} : { slotId }) })
  const opened = openBundle({ accountKey, sealed: fromBase64url(keys.bundle), ...patient, state: state.payload })
  const { accountKeyVersion } = slot
  return {
    unlocked: {
      patient,
      state,
      sets: keys.sets,
      accountKey,
      accountKeyVersion,
      slotId: slot.slotId,
      ...opened,
    },
    seen: acceptMarks(accepted, opened.bundle.seen),
  }
}

/** Who the patient is, of an answer that says it among other things. */
export function papersIn({
  recordId,
  identity,
  registration,
  registrationSalt,
  earlier,
}: IdentityPapers): IdentityPapers {
  return { recordId, identity, registration, registrationSalt, ...(earlier === undefined ? {} : { earlier }) }
}

/** A compartment by its kind or name. Throws `InputError` `compartment-unknown`. */
export function compartmentOf({ bundle }: Pick<RecordKeys, 'bundle'>, kind: string): BundleCompartment {
  const found = bundle.compartments.find(each => each.kind === kind)
  if (found !== undefined) return found
  const kinds = bundle.compartments.map(each => each.kind).join(', ')
  throw new InputError(`The record has no compartment "${kind}"; it has ${kinds}`, { code: 'compartment-unknown' })
}

/** The placement in force of a document, if it was ever moved. */
export function placementOf(view: Pick<RecordView, 'placements'>, documentId: DocumentId): Verified<Placement> | null {
  for (const placement of view.placements.values()) {
    if (placement.payload.documentId === documentId) return placement
  }
  return null
}

/** A compartment as the state has it. Throws `VerificationError` `record-state` (the bundle and the state disagree). */
export function stateCompartment(view: { readonly state: Verified<State> }, id: CompartmentId) {
  const found = view.state.payload.compartments.find(each => each.id === id)
  if (found === undefined) throw notTheState('a compartment is not in it', view.state.text)
  return found
}

function checkRoots(state: Verified<State>, sets: StateSets): void {
  if (!setsMatch(state.payload, sets)) throw notTheState('the sets are not those of its roots', state.text)
}

function checkSame(what: string, named: readonly Hash[], given: ReadonlyMap<Hash, unknown>): void {
  if (named.length === given.size && named.every(hash => given.has(hash))) return
  throw notTheState(`its ${what} are not the ones it names`, named)
}

function textsOf(statements: ReadonlyMap<Hash, Verified<unknown>>): Record<string, string> {
  return Object.fromEntries([...statements].map(([hash, { text }]) => [hash, text]))
}

function notTheState(why: string, evidence: unknown): VerificationError {
  return new VerificationError(`What the host gave is not the patient's state: ${why}`, {
    code: 'record-state',
    evidence,
  })
}
