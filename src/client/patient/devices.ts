import { fromBase64url, toBase64url, wipe, wiping } from '../../crypto/bytes.ts'
import { AccountKey, DeviceSecret } from '../../crypto/keys.ts'
import { slotLeaf } from '../../log/sets.ts'
import { Devices } from '../../protocol/devices.ts'
import type { Hash, Ins, Instant, RecordId, SlotId } from '../../protocol/ids.ts'
import type { Slot } from '../../protocol/record.ts'
import { type Clock, clockFor } from '../clock.ts'
import { HostRefusal, InputError, StepError, VerificationError } from '../errors.ts'
import { Host } from '../http.ts'
import { readKit } from '../kit.ts'
import { makeSlot, newSlotId, openSlot, type SlotOpener } from '../slots.ts'
import { authenticate, type Credentials } from './authenticate.ts'
import { changeState, nextBundle } from './change.ts'
import { checkedName, withName, withNamesOf } from './device-names.ts'
import { dropUnsealable, giverOf, keyFinder } from './grants.ts'
import { planNewEpochs } from './roll.ts'
import type { PatientSession } from './session.ts'
import { atDevice, enterKnown, type SignedIn, startSession } from './sign-in.ts'
import type { PatientStore, RecordFile } from './store.ts'
import { papersIn, type RecordView, unlock } from './view.ts'

/** What opens the record: a device, or the kit. Its times are the host's word; the trace has the proof. */
export interface KnownDevice {
  readonly slotId: SlotId
  readonly kind: Slot['kind']
  /** What the patient called it when it was added; null without. Sealed in the bundle: the host does not know it. */
  readonly name: string | null
  readonly addedAt: Instant | null
  readonly usedAt: Instant | null
  /** This very one. */
  readonly own: boolean
}

/** Devices and open sessions. */
export interface DevicesInForce {
  readonly devices: readonly KnownDevice[]
  readonly sessions: Devices['sessions']
}

/**
 * What opens the record, and who is signed in. Every slot is held against the state: the host can neither show one that
 * the patient did not make nor hide one. Throws as `PatientSession.view`; `VerificationError` `slot-unknown`.
 */
export async function listDevices(session: PatientSession): Promise<DevicesInForce> {
  const { answer, view } = await fetchDevices(session)
  const own = await session.home.device()
  return {
    devices: answer.devices.map(({ slot, addedAt, usedAt }) => ({
      slotId: slot.slotId,
      kind: slot.kind,
      name: view.bundle.devices?.find(({ slotId }) => slotId === slot.slotId)?.name ?? null,
      addedAt,
      usedAt,
      own: slot.slotId === own?.slotId,
    })),
    sessions: answer.sessions,
  }
}

/** What the host shows, held against the state in force. */
async function fetchDevices(session: PatientSession): Promise<{ answer: Devices; view: RecordView }> {
  const answer = await session.call({ method: 'GET', path: session.path('/devices'), answer: Devices })
  const view = await session.view()
  const { sets } = view
  const leaves = answer.devices.map(({ slot }) => slotLeaf(slot))
  if (leaves.length === sets.devices.length && leaves.every(leaf => sets.devices.includes(leaf))) {
    return { answer, view }
  }
  throw new VerificationError('The host shows other devices than those that the patient’s state names', {
    code: 'slot-unknown',
    evidence: { served: leaves, devices: sets.devices },
  })
}

/** Ends a session, by its name in `listDevices`. Throws as `PatientSession.write`. */
export async function endOtherSession(session: PatientSession, name: Hash): Promise<void> {
  const path = session.path(`/sessions/${name}/end`)
  await session.write({ method: 'POST', path, body: {} }, { action: 'session.end', object: { session: name } })
}

/** What a new device brings. */
export interface AddDeviceInput extends Credentials {
  readonly home: PatientStore
  /** Left out where this folder knows the record. */
  readonly ins?: Ins
  readonly anchors?: string
  /** The kit's secret as typed or scanned, or the account key as an old device handed it over. */
  readonly by: { readonly kit: string } | { readonly accountKey: AccountKey }
  /** What to call it, 1 to 63 characters; only the patient's own devices show it. */
  readonly name?: string
  readonly clock?: Clock
}

/** A device that opens the record from now on, and is signed in. */
export interface DeviceAdded extends SignedIn {
  readonly recordId: RecordId
  readonly slotId: SlotId
}

/**
 * Makes this device one that opens the record: the patient signs in as on any unknown device, the kit (or an old device)
 * opens the bundle, and a state names the new slot. The host tells the patient over the contact known before.
 * Throws `StepError` (`device-exists`, `home-missing`), `InputError` `device-name`, `HostRefusal` `contact-new`; as
 * `authenticate`, `unlock`, `readKit`, `changeState`.
 */
export async function addDevice(input: AddDeviceInput): Promise<DeviceAdded> {
  const { home } = input
  const name = checkedName(input.name)
  const trust = await home.trust(input.anchors)
  const clock = clockFor(trust.anchors, input.clock)
  const ins = input.ins ?? (await home.requireRecord()).ins
  const opener =
    'kit' in input.by
      ? ({ kind: 'kit', kit: readKit(input.by.kit) } as const)
      : ({ kind: 'account', ...input.by } as const)
  const host = new Host({ anchors: trust.anchors, listener: 'patients', clock })
  try {
    const { opened, exportKey, serverPublicKey } = await authenticate({ trust, host }, { ...input, ins, device: null })
    const { keys } = opened
    const before = await home.device()
    if (keys.slots.some(({ slotId }) => slotId === before?.slotId)) {
      throw new StepError('This device opens the record already: sign in', { code: 'device-exists' })
    }
    const known = await home.record()
    const { unlocked, seen } = await unlock({
      trust,
      ins,
      keys,
      seen: await home.seen(),
      opener,
      known: known?.identity,
    })
    const { recordId } = unlocked.patient
    using device = DeviceSecret.generate()
    const slot = makeSlot({ ...unlocked, recordId, slotId: newSlotId(), opener: { kind: 'device', exportKey, device } })
    wipe(exportKey)
    const record: RecordFile = { v: 1, ins, ...papersIn(keys), activation: known?.activation ?? null }
    const signedIn = await startSession({ home, record, trust, host, clock }, { unlocked, seen, opened })
    // Written before it is sent: a device whose slot is in the state but whose secret is nowhere could never sign in.
    const secret = wiping(device.bytes, toBase64url)
    await home.saveDevice({ v: 1, slotId: slot.slotId, secret, serverPublicKey })
    await home.saveRecord(record)
    await changeState(signedIn.session, async view => ({
      action: 'device.add',
      device: slot,
      ...(name !== null && {
        bundle: withName(nextBundle(signedIn.session.seen, view), { slotId: slot.slotId, name }),
      }),
      object: { device: slotLeaf(slot) },
    })).catch(async (error: unknown) => {
      if (HostRefusal.is(error)) await home.removeDevice()
      throw error
    })
    return { ...signedIn, recordId, slotId: slot.slotId }
  } catch (error) {
    await host.close()
    throw error
  } finally {
    if (opener.kind === 'kit') opener.kit.wipe()
  }
}

/** What taking a device away needs: this device, with a sign-in of its own. */
export interface RemoveDeviceInput extends Credentials {
  readonly home: PatientStore
  readonly device: SlotId
  /** The kit's secret: left out, the kit opens nothing any more, and a new one has to be made. */
  readonly kit?: string
  readonly clock?: Clock
}

/** What is left after a device was taken away. */
export interface DeviceRemoved extends SignedIn {
  /** Devices that opened the record and do so no more: the one named, and those whose keys were not at hand. */
  readonly removed: readonly SlotId[]
  /** Whether the kit still opens it. */
  readonly kit: boolean
}

/**
 * Takes a lost device away: a new account key and bundle, every compartment rolled, in one change; whoever has the device
 * may have had all of it. This device's slot and the kit's are made again; another device comes back by `addDevice`.
 * Throws `InputError` `device-unknown`, `StepError` (`device-own`, `slot-open`: another record's kit); as `signIn`,
 * `changeState`.
 */
export async function removeDevice(input: RemoveDeviceInput): Promise<DeviceRemoved> {
  return atDevice(input, async entrance => {
    const { device: file } = entrance
    if (input.device === file.slotId) {
      throw new StepError('This is the device you are using: take it away from another one', { code: 'device-own' })
    }
    const { unlocked, seen, opened, exportKey } = await enterKnown(input, entrance)
    const signedIn = await startSession(entrance, { unlocked, seen, opened })
    const { session } = signedIn
    const { answer, view } = await fetchDevices(session)
    const slots = answer.devices.map(({ slot }) => slot)
    checkKnown(slots, input.device)
    using kit = input.kit === undefined ? null : readKit(input.kit)
    using device = wiping(fromBase64url(file.secret), DeviceSecret.parse)
    const { recordId } = session.patient
    const openers: { readonly opener: SlotOpener; readonly slotId: SlotId }[] = [
      { opener: { kind: 'device', exportKey, device }, slotId: file.slotId },
    ]
    if (kit !== null) {
      // Whether it is this record's is found out before anything is changed.
      const { accountKey, slot } = openSlot({
        recordId,
        slots,
        sets: view.sets,
        opener: { kind: 'kit', kit },
      })
      accountKey.wipe()
      if (slot.slotId !== input.device) openers.push({ opener: { kind: 'kit', kit }, slotId: slot.slotId })
    }
    const accountKey = AccountKey.generate()
    const accountKeyVersion = Math.max(...slots.map(each => each.accountKeyVersion)) + 1
    const made = openers.map(each => makeSlot({ recordId, accountKey, accountKeyVersion, ...each }))
    wipe(exportKey)
    await dropUnsealable(session)
    const kept: ReadonlySet<SlotId> = new Set(made.map(({ slotId }) => slotId))
    await changeState(session, async view => {
      const planned = await planNewEpochs(view, new Set(view.bundle.compartments.map(({ id }) => id)), {
        giver: giverOf(session, view),
        seen: session.seen,
        now: session.clock(),
        keyOf: keyFinder(session),
      })
      return {
        action: 'device.remove',
        slots: made,
        accountKey,
        ...planned,
        bundle: withNamesOf(planned.bundle, kept),
        object: { count: slots.length - made.length },
      }
    })
    return {
      ...signedIn,
      removed: slots.filter(({ slotId }) => !kept.has(slotId)).map(({ slotId }) => slotId),
      kit: made.some(({ kind }) => kind === 'kit'),
    }
  })
}

function checkKnown(slots: readonly Slot[], gone: SlotId): void {
  if (slots.some(({ slotId }) => slotId === gone)) return
  throw new InputError('No such device opens the record: coffre patient devices shows them', { code: 'device-unknown' })
}
