/** What a patient's client makes when a new identity takes the place of another: keys, kit, bundle, state. */
import { fromBase64url, toBase64url, wiping } from '../../crypto/bytes.ts'
import { AccountKey, type KitSecret, SealSecretKey } from '../../crypto/keys.ts'
import type { Warrant } from '../../log/recovery.ts'
import { freshSeed, rootsOf, slotLeaf } from '../../log/sets.ts'
import { checkSuccessor } from '../../log/state-chain.ts'
import type { StateInForce } from '../../log/state-in-force.ts'
import type { Verified } from '../../log/verified.ts'
import type { Bundle, BundleCompartment } from '../../protocol/bundle.ts'
import type { CompartmentId, DeploymentId, RecordId } from '../../protocol/ids.ts'
import { COMPARTMENT_KINDS, type Slot, type StateSets } from '../../protocol/record.ts'
import type { State, StateCompartment } from '../../protocol/statements.ts'
import { sealBundle } from '../bundle.ts'
import { instant } from '../clock.ts'
import { nextEpoch } from '../epochs.ts'
import { hashText } from '../grant-seal.ts'
import { marksOf, type Seen } from '../seen.ts'
import { makeSlot } from '../slots.ts'
import { signState } from './draft.ts'
import type { NewIdentity } from './new-identity.ts'

/** A compartment as the new identity has it: its name, and the secret of the epoch before. */
export interface HeldCompartment {
  readonly kind: string
  readonly secret: SealSecretKey
}

/** What the new identity sends. */
export interface Succeeded {
  readonly state: Verified<State>
  readonly sets: StateSets
  /** base64url. */
  readonly bundle: string
  readonly slots: readonly [Slot]
}

/**
 * Makes the state under a new identity: every compartment in a new epoch, linked to the ones before where their secret is
 * held; no grants; one slot, the new kit's; placements and who is blocked as before. Checked as the host will check it.
 * A compartment whose secret nobody gave back begins anew, under a name that says so, unless it can only be the one kind
 * that is missing. Throws `LogError` `state-…`.
 */
export async function succeed(input: {
  readonly deployment: DeploymentId
  readonly recordId: RecordId
  readonly previous: StateInForce
  readonly next: NewIdentity
  readonly held: ReadonlyMap<CompartmentId, HeldCompartment>
  readonly kit: KitSecret
  readonly warrant: Warrant
  readonly seen: Seen
  readonly now: Date
}): Promise<Succeeded> {
  const { deployment, recordId, previous, next, kit, warrant, now } = input
  const old = previous.state.payload
  const names = namesOf(old.compartments, input.held)
  const pairs = old.compartments.map(compartment =>
    anew(recordId, compartment, { kind: names.get(compartment.id) as string, held: input.held.get(compartment.id) }),
  )
  const { identity, sign, seal } = next
  const seq = old.seq + 1
  const bundle: Bundle = {
    v: 1,
    recordId,
    version: old.bundle.version + 1,
    identity: { sign: wiping(sign.seed, toBase64url), seal: wiping(seal.bytes, toBase64url) },
    compartments: pairs.map(({ bundled }) => bundled),
    seen: marksOf(input.seen, seq),
  }
  using accountKey = AccountKey.generate()
  const sealed = sealBundle(accountKey, bundle)
  // No version before was above the bundle's: each new account key came with a new bundle.
  const slot = makeSlot({ recordId, accountKey, accountKeyVersion: bundle.version, opener: { kind: 'kit', kit } })
  const { blocked, placements } = previous.sets
  const none = { grants: [], delegations: [] }
  const sets: StateSets = { seed: freshSeed(), ...none, blocked, devices: [slotLeaf(slot)], placements }
  const state = await signState(
    {
      ...{ deployment, recordId, seq, prev: previous.state.hash, identity: identity.hash },
      compartments: pairs.map(({ compartment }) => compartment),
      ...rootsOf(sets),
      bundle: { version: bundle.version, hash: hashText(sealed) },
      t: instant(new Date(Math.max(now.getTime(), Date.parse(old.t)))),
    },
    { patient: { recordId, identity }, sign },
  )
  const after = { ...previous, state, sets, identity, grants: new Map(), delegations: new Map() }
  checkSuccessor('identity.change', previous, after, warrant)
  return { state, sets, bundle: toBase64url(sealed), slots: [slot] }
}

/** A compartment's new epoch: with a link where the secret of the one before is held, else begun anew. */
function anew(
  recordId: RecordId,
  old: StateCompartment,
  { kind, held }: { readonly kind: string; readonly held: HeldCompartment | undefined },
): { readonly compartment: StateCompartment; readonly bundled: BundleCompartment } {
  const next = held === undefined ? begun(old) : nextEpoch(recordId, old, held.secret)
  using secret = next.secret
  const { compartment } = next
  const { id, epoch } = compartment
  return { compartment, bundled: { id, kind, epoch, secret: wiping(secret.bytes, toBase64url), exposed: [] } }
}

function begun({ id, epoch }: StateCompartment): { secret: SealSecretKey; compartment: StateCompartment } {
  const secret = SealSecretKey.generate()
  const publicKey = toBase64url(secret.publicKey.bytes)
  return { secret, compartment: { id, epoch: epoch + 1, publicKey, link: null } }
}

/** The beginning of the name of a compartment that nobody gave back. */
const LOST = 'lost'

/** What each compartment is called. Of those that nobody gave back the name is lost with the bundle. */
function namesOf(
  compartments: readonly StateCompartment[],
  held: ReadonlyMap<CompartmentId, HeldCompartment>,
): ReadonlyMap<CompartmentId, string> {
  const names = new Map([...held].map(([id, { kind }]) => [id, kind]))
  const known: ReadonlySet<string> = new Set(names.values())
  const lost = compartments.filter(({ id }) => !names.has(id))
  const missing = COMPARTMENT_KINDS.filter(kind => !known.has(kind))
  // Called *masked* by guess, a compartment of another kind would be hidden; by any other name, a masked one shown.
  const only = lost.length === 1 && missing.length === 1 ? missing[0] : undefined
  for (const [n, { id }] of lost.entries()) names.set(id, only ?? `${LOST}-${n + 1}`)
  return names
}

/** Kinds that a record should have and has not: those of compartments whose name was lost. */
export function missingKinds({ bundle }: { readonly bundle: Bundle }): string[] {
  const known: ReadonlySet<string> = new Set(bundle.compartments.map(({ kind }) => kind))
  return COMPARTMENT_KINDS.filter(kind => !known.has(kind))
}

/** The secrets that a bundle holds, for an identity that hands over; whoever asks wipes them. */
export function heldIn({ compartments }: Bundle): Map<CompartmentId, HeldCompartment> {
  return new Map(
    compartments.map(({ id, kind, secret }) => [
      id,
      { kind, secret: wiping(fromBase64url(secret), SealSecretKey.parse) },
    ]),
  )
}
