/** The last step of re-opening: the new identity comes into force, with what professionals gave back. */

import { unbox } from '../../crypto/box.ts'
import { fromBase64url, wiping } from '../../crypto/bytes.ts'
import { CoffreError } from '../../crypto/errors.ts'
import { type KitSecret, SealSecretKey } from '../../crypto/keys.ts'
import { SigningKey } from '../../crypto/sign.ts'
import { verifyPlacement } from '../../log/grant.ts'
import { identityFingerprint } from '../../log/identity.ts'
import type { Warrant } from '../../log/recovery.ts'
import { setsMatch } from '../../log/sets.ts'
import { verifyState } from '../../log/state-chain.ts'
import type { StateInForce } from '../../log/state-in-force.ts'
import type { Verified } from '../../log/verified.ts'
import type { CompartmentId, Hash, RecordId } from '../../protocol/ids.ts'
import { Receipted } from '../../protocol/messages.ts'
import type { Placement, Recovery } from '../../protocol/statements.ts'
import { RecoveredState } from '../../protocol/succession.ts'
import type { Trust } from '../anchors.ts'
import { type Clock, clockFor } from '../clock.ts'
import { checkEpochSecret } from '../epochs.ts'
import { HostRefusal, StepError, VerificationError } from '../errors.ts'
import { hashText, openGift } from '../grant-seal.ts'
import { Host, type RequestSigner } from '../http.ts'
import { kitSlotKey, recoverySealInfo, waitingIdentityInfo } from '../infos.ts'
import { readKit } from '../kit.ts'
import { type LogView, readLog } from '../log-view.ts'
import { checkReceipt } from '../receipts.ts'
import { acceptState, type Seen } from '../seen.ts'
import { type ShownRecovery, verifyRecoveryShown } from '../succession.ts'
import { type VerifiedPatient, verifyPatient } from '../trust.ts'
import type { NewIdentity } from './new-identity.ts'
import type { PatientStore, WaitingFile } from './store.ts'
import { type HeldCompartment, type Succeeded, succeed } from './succeed.ts'

/** What bringing the new identity in needs. */
export interface RecoverInput {
  readonly home: PatientStore
  /** The new kit's secret. */
  readonly kit: string
  readonly clock?: Clock
}

/** A record that opens again. */
export interface Recovered {
  readonly recordId: RecordId
  readonly fingerprint: string
  /** Kinds of the compartments that professionals gave back. */
  readonly returned: readonly string[]
  /** How many compartments nobody gave back: what lay in them is out of reach. */
  readonly lost: number
  /** What a person must be told. */
  readonly warnings: readonly string[]
}

interface Place {
  readonly trust: Trust
  readonly clock: Clock
  readonly host: Host
  readonly log: LogView
}

/**
 * Brings in the identity that `reopenRecord` proposed, once a professional has vouched for it and 72 hours of witnessed
 * time have passed. The state of before, every recovery and its time are checked here as any reader will check them; each
 * compartment that was given back is linked to its earlier epochs. What the identity before gave is in force no more.
 * Then the record is activated anew, by an activation letter and this kit.
 * Throws `StepError` `identity-missing` (none waits here), `kit-other`, `identity-in-force`; `HostRefusal` (`recovery-early`,
 * `recovery-stopped`, `recovery-unknown`); `VerificationError`, `LogError`, `CryptoError`.
 */
export async function recoverRecord(input: RecoverInput): Promise<Recovered> {
  const { home } = input
  const trust = await home.trust()
  const clock = clockFor(trust.anchors, input.clock)
  const waiting = await home.waiting()
  if (waiting === null) {
    throw new StepError('No new identity waits here: run coffre patient reopen with the new letter first', {
      code: 'identity-missing',
    })
  }
  using kit = readKit(input.kit)
  const patient = await verifyPatient(trust, waiting.ins, waiting)
  const next = openWaiting(waiting, patient, kit)
  const host = new Host({ anchors: trust.anchors, listener: 'patients', clock })
  try {
    const seen = await home.seen()
    const log = await readLog(host, trust, clock, seen.tree)
    const place = { trust, clock, host, log }
    const signer = { keyId: `identity:${patient.identity.hash}`, key: next.sign }
    const served = await askRecovered(place, { home, waiting, signer })
    const { inForce, seen: accepted } = await previousOf(served, patient, place, seen)
    const given = await givenBack(served, { patient, next, inForce }, place)
    const made = await succeed({
      deployment: trust.anchors.deployment,
      recordId: patient.recordId,
      previous: inForce,
      next,
      held: given.held,
      kit,
      warrant: given.shown.warrant,
      seen: accepted,
      now: clock(),
    })
    for (const { secret } of given.held.values()) secret.wipe()
    await send(place, { home, waiting, patient, signer, made, recovery: given.shown.recovery.hash, seen: accepted })
    return {
      recordId: patient.recordId,
      fingerprint: identityFingerprint(patient.identity),
      returned: [...given.held.values()].map(({ kind }) => kind),
      lost: inForce.state.payload.compartments.length - given.held.size,
      warnings: given.warnings,
    }
  } finally {
    next.sign.wipe()
    next.seal.wipe()
    await host.close()
  }
}

/** The keys that wait, opened by the new kit. Throws `StepError` `kit-other`. */
function openWaiting({ keys }: WaitingFile, { recordId, identity }: VerifiedPatient, kit: KitSecret): NewIdentity {
  const info = waitingIdentityInfo(recordId, identity.hash)
  try {
    const boxKey = wiping(kit.bytes, secret => kitSlotKey(secret, recordId))
    return wiping(
      wiping(boxKey, key => unbox(key, info, fromBase64url(keys))),
      both => ({
        identity,
        sign: SigningKey.fromSeed(both.subarray(0, 32)),
        seal: SealSecretKey.parse(both.subarray(32)),
      }),
    )
  } catch (cause) {
    if (!CoffreError.is(cause)) throw cause
    throw new StepError('This recovery kit is not the one that was made with the new identity', {
      code: 'kit-other',
      cause,
    })
  }
}

async function askRecovered(
  { host }: Place,
  { home, waiting, signer }: { home: PatientStore; waiting: WaitingFile; signer: RequestSigner },
): Promise<RecoveredState> {
  const path = `/v1/records/${waiting.recordId}/recovered`
  try {
    return await host.call({ method: 'GET', path, signer, answer: RecoveredState })
  } catch (error) {
    if (HostRefusal.is(error, 'recovery-stopped')) await home.saveWaiting(null)
    // Its answer was lost: the host knows this key as the patient's by now.
    if (!HostRefusal.is(error, 'key-refused')) throw error
    await keepRecord(home, waiting)
    throw new StepError('This identity is in force already: activate the record with the new letter and this kit', {
      code: 'identity-in-force',
      cause: error,
    })
  }
}

/** The state in force under the identity before, checked as far as its patient can without a bundle. */
async function previousOf(
  served: RecoveredState,
  { recordId, earlier = [] }: VerifiedPatient,
  { trust }: Place,
  seen: Seen,
): Promise<{ readonly inForce: StateInForce; readonly seen: Seen }> {
  const identity = earlier.at(-1)
  if (identity === undefined) throw new TypeError('A new identity follows one')
  const context = { deployment: trust.anchors.deployment, recordId, identity, earlier: earlier.slice(0, -1) }
  const state = await verifyState(served.state, context)
  const accepted = acceptState(seen, state)
  if (!setsMatch(state.payload, served.sets)) {
    throw new VerificationError('What the host gave is not the patient’s state: the sets are not those of its roots', {
      code: 'record-state',
      evidence: served.state,
    })
  }
  const placements = new Map<Hash, Verified<Placement>>()
  for (const text of served.placements) {
    const placement = await verifyPlacement(text, context)
    placements.set(placement.hash, placement)
  }
  const none = { grants: new Map(), delegations: new Map() }
  return { inForce: { state, sets: served.sets, identity, ...none, placements }, seen: accepted }
}

interface Given {
  readonly held: Map<CompartmentId, HeldCompartment>
  /** The one that the change names. */
  readonly shown: ShownRecovery & { readonly warrant: Warrant }
  readonly warnings: string[]
}

/** What professionals gave back: each recovery that holds, each of its seals that opens to the state's own key. */
async function givenBack(
  { recoveries }: RecoveredState,
  { patient, next, inForce }: { patient: VerifiedPatient; next: NewIdentity; inForce: StateInForce },
  place: Place,
): Promise<Given> {
  const { recordId } = patient
  const held = new Map<CompartmentId, HeldCompartment>()
  const warnings: string[] = []
  let first: Given['shown'] | null = null
  let failure: unknown
  for (const { seals, ...shownBy } of recoveries) {
    try {
      const pair = { previous: inForce.identity, next: patient.identity, by: shownBy }
      const shown = await verifyRecoveryShown(pair, { ...place, recordId })
      openSeals(shown.recovery, seals, { recordId, next, inForce, held, warnings })
      first ??= shown
    } catch (error) {
      if (!CoffreError.is(error)) throw error
      failure = error
      warnings.push(`A professional’s word was not taken: ${error.message}`)
    }
  }
  if (first === null) throw failure
  return { held, shown: first, warnings }
}

function openSeals(
  { payload }: Verified<Recovery>,
  seals: readonly string[],
  into: {
    readonly recordId: RecordId
    readonly next: NewIdentity
    readonly inForce: StateInForce
    readonly held: Map<CompartmentId, HeldCompartment>
    readonly warnings: string[]
  },
): void {
  const { recordId, next, inForce, held, warnings } = into
  const { from, to } = payload
  for (const [n, { id, epoch, seal }] of payload.compartments.entries()) {
    const compartment = inForce.state.payload.compartments.find(each => each.id === id)
    const sealed = fromBase64url(seals[n] ?? '')
    try {
      if (compartment === undefined || held.has(id) || hashText(sealed) !== seal) continue
      const { name, secret } = openGift(
        next.seal,
        recoverySealInfo({ recordId, compartmentId: id, epoch, from, to }),
        sealed,
      )
      if (secret === null) continue
      checkEpochSecret(compartment, { epoch, secret })
      held.set(id, { kind: name, secret })
    } catch (error) {
      if (!CoffreError.is(error)) throw error
      warnings.push(`A compartment that was given back does not open (${error.code})`)
    }
  }
}

async function send(
  { trust, clock, host }: Place,
  input: {
    readonly home: PatientStore
    readonly waiting: WaitingFile
    readonly patient: VerifiedPatient
    readonly signer: RequestSigner
    readonly made: Succeeded
    readonly recovery: Hash
    readonly seen: Seen
  },
): Promise<void> {
  const { home, waiting, patient, signer, made, recovery, seen } = input
  const { recordId, identity } = patient
  const { state, sets, bundle, slots } = made
  const path = `/v1/records/${recordId}/identity`
  const body = { by: { recovery }, state: state.text, sets, bundle, slots }
  const { receipt: text } = await host.call({ method: 'POST', path, body, signer, answer: Receipted })
  const receipt = await checkReceipt(text, trust, {
    action: 'identity.change',
    actor: { kind: 'patient', id: recordId },
    object: { identity: identity.hash, registration: identity.payload.registration, recovery },
    state: state.hash,
    now: clock(),
  })
  const { entryHash, integrateBy } = receipt.payload
  await home.saveSeen({ ...acceptState(seen, state), receipts: [...seen.receipts, { entryHash, integrateBy, text }] })
  await keepRecord(home, waiting)
}

/** From now on the folder is that record's, under the new identity; what opened it before opens nothing. */
async function keepRecord(home: PatientStore, { keys, ...waiting }: WaitingFile): Promise<void> {
  await home.saveRecord({ ...waiting, activation: null })
  await home.removeDevice()
  await home.saveWaiting(null)
}
