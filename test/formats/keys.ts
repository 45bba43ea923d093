/** Vectors of what opens a record: slot, bundle. */

import { openBundle } from '../../src/client/bundle.ts'
import { bundleInfo, deviceSlotKey, kitSlotKey, slotInfo } from '../../src/client/infos.ts'
import { openSlot, type SlotOpener } from '../../src/client/slots.ts'
import { boxWithSalt } from '../../src/crypto/box.ts'
import { concat, fromBase64url, utf8 } from '../../src/crypto/bytes.ts'
import { sha256 } from '../../src/crypto/hash.ts'
import { AccountKey, DeviceSecret, KitSecret } from '../../src/crypto/keys.ts'
import { verifyIdentity } from '../../src/log/identity.ts'
import { verifyRegistration } from '../../src/log/registration.ts'
import { slotLeaf } from '../../src/log/sets.ts'
import type { RecordId } from '../../src/protocol/ids.ts'
import type { Slot } from '../../src/protocol/record.ts'
import type { State } from '../../src/protocol/statements.ts'
import { story } from './story.ts'
import {
  anyOf,
  bytesOf,
  draw,
  type Format,
  hex,
  type Json,
  once,
  refused,
  text64,
  textOf,
  type VectorCase,
} from './vector-file.ts'
import {
  accountKey,
  closeBundle,
  deployment,
  device,
  deviceSlot,
  insurer,
  kitSecret,
  kitSlot,
  makeSlot,
  nextPatient,
  type Patient,
  patient,
} from './world.ts'

/** base64url with one bit changed. */
export function flipped64(text: string, at: number): string {
  const bytes = fromBase64url(text).slice()
  const index = at < 0 ? bytes.length + at : at
  bytes[index] = (bytes[index] ?? 0) ^ 1
  return text64(bytes)
}

async function verified({ registration, text }: Patient) {
  const check = { insurerKey: insurer().verifyKey, deployment, purpose: 'opening' } as const
  return verifyIdentity(text, { registration: await verifyRegistration(registration.text, check) })
}
/** The patient's identity, verified, for what is checked against it; and the one that follows it. */
export const verifiedIdentity = once(async () => verified(await patient()))
export const verifiedNext = once(async () => verified(await nextPatient()))

const json = (value: unknown): Json => JSON.parse(JSON.stringify(value))

export const slot: Format = {
  file: 'slot',
  page: 'slot.md',
  about:
    'A slot with what opens it: kitSecret, or exportKey and deviceSecret. devices: the contents of the state’s set. writer.salt: that of the box.',
  async shared() {
    return { recordId: (await patient()).recordId }
  },
  async cases() {
    const { recordId } = await patient()
    const [kit, own] = [kitSlot(recordId), deviceSlot(recordId)]
    const devices = [kit, own].map(slotLeaf)
    const infoOf = (each: Slot) => hex(slotInfo({ recordId, ...each }))
    const { exportKey, secret } = device()
    const opens = { accountKey: hex(accountKey()), leaf: devices[0] as string }
    const good: VectorCase = {
      name: 'the kit’s',
      writer: { salt: hex(draw('kit slot salt', 32)), key: hex(kitSlotKey(kitSecret(), recordId)), info: infoOf(kit) },
      given: { slot: json(kit), devices, kitSecret: hex(kitSecret()) },
      opens,
    }
    const another: VectorCase = {
      name: 'a device’s',
      writer: {
        salt: hex(draw('device slot salt', 32)),
        key: hex(deviceSlotKey(concat(exportKey, secret), recordId)),
        info: infoOf(own),
      },
      given: { slot: json(own), devices, exportKey: hex(exportKey), deviceSecret: hex(secret) },
      opens: { ...opens, leaf: devices[1] as string },
    }
    const named = (name: string, changed: Slot) =>
      refused(name, 'slot-open', good, { slot: json(changed), devices: [slotLeaf(changed)] })
    const elsewhere = makeSlot(
      'kit slot',
      text64(draw('another record', 16)) as RecordId,
      'kit',
      kitSlotKey(kitSecret(), recordId),
    )
    return [
      good,
      another,
      refused('not in the set', 'slot-unknown', good, { devices: [devices[1] as string] }),
      refused('wrapped altered, not in the set', 'slot-unknown', good, {
        slot: json({ ...kit, wrapped: flipped64(kit.wrapped, 40) }),
      }),
      refused('another kit', 'slot-open', good, { kitSecret: hex(draw('another kit', 16)) }),
      refused('another device', 'slot-open', another, { deviceSecret: hex(draw('another device', 32)) }),
      refused('another secret code', 'slot-open', another, { exportKey: hex(draw('another export key', 64)) }),
      named('wrapped altered', { ...kit, wrapped: flipped64(kit.wrapped, 40) }),
      named('another slot id', { ...kit, slotId: own.slotId }),
      named('another version', { ...kit, accountKeyVersion: 2 }),
      named('of another record', elsewhere),
    ]
  },
  open(given, shared) {
    const own = anyOf<Slot>(given, 'slot')
    const opener: SlotOpener =
      given.kitSecret === undefined
        ? {
            kind: 'device',
            exportKey: bytesOf(given, 'exportKey'),
            device: DeviceSecret.parse(bytesOf(given, 'deviceSecret')),
          }
        : { kind: 'kit', kit: KitSecret.parse(bytesOf(given, 'kitSecret')) }
    const opened = openSlot({
      recordId: anyOf(shared, 'recordId'),
      slots: [own],
      sets: { devices: given.devices } as never,
      opener,
    })
    return { accountKey: hex(opened.accountKey.bytes), leaf: slotLeaf(own) }
  },
}

export const bundle: Format = {
  file: 'bundle',
  page: 'bundle.md',
  about: 'A bundle, opened against the state and the identity it must fit. writer.salt: that of the box.',
  async shared() {
    const { text, recordId, payload } = await patient()
    return { recordId, identity: text, signKey: payload.signKey, sealKey: payload.sealKey }
  },
  async cases() {
    const { states } = await story()
    const { bundle, sealedBundle, payload } = states.rolled
    const stateOf = (state: State, sealed = sealedBundle) => {
      const { seq, compartments } = state
      const version = state.bundle.version
      return json({ seq, compartments, bundle: { version, hash: text64(sha256(sealed)) } })
    }
    const good: VectorCase = {
      name: 'a bundle',
      writer: {
        salt: hex(draw(`bundle ${bundle.version} salt`, 32)),
        info: hex(bundleInfo(bundle.recordId, bundle.version)),
      },
      given: { accountKey: hex(accountKey()), state: stateOf(payload), bundle: text64(sealedBundle) },
      opens: { bundle: json(bundle) },
    }
    const bad = (name: string, code: string, changes: object) => {
      const sealed = closeBundle({ ...bundle, ...changes })
      return refused(name, code, good, { state: stateOf(payload, sealed), bundle: text64(sealed) })
    }
    const compartments = bundle.compartments.map(each => ({ ...each, secret: text64(draw('another secret', 32)) }))
    const altered = sealedBundle.slice()
    altered[100] = (altered[100] ?? 0) ^ 1
    const text = boxWithSalt(
      accountKey(),
      bundleInfo(bundle.recordId, bundle.version),
      draw('no JSON', 4096),
      draw('salt', 32),
    )
    const written = (name: string, plain: string) => {
      const info = bundleInfo(bundle.recordId, bundle.version)
      const sealed = boxWithSalt(accountKey(), info, utf8(plain), draw(`${name} salt`, 32))
      return refused(name, 'bundle-content', good, { state: stateOf(payload, sealed), bundle: text64(sealed) })
    }
    return [
      good,
      refused('not the state’s', 'bundle-hash', good, { bundle: text64(states.granted.sealedBundle) }),
      refused('an older one under the new version', 'box-open', good, {
        state: stateOf(payload, states.granted.sealedBundle),
        bundle: text64(states.granted.sealedBundle),
      }),
      refused('altered', 'box-open', good, { state: stateOf(payload, altered), bundle: text64(altered) }),
      refused('another account key', 'box-open', good, { accountKey: hex(draw('another account key', 32)) }),
      refused('no JSON', 'bundle-content', good, { state: stateOf(payload, text), bundle: text64(text) }),
      written('a member twice', `{"v":1,${JSON.stringify(bundle).slice(1)}`.padEnd(4096)),
      written('not padded', JSON.stringify(bundle)),
      bad('another identity’s seed', 'bundle-content', {
        identity: { ...bundle.identity, sign: text64(draw('x', 32)) },
      }),
      bad('seen beyond its state', 'bundle-content', { seen: { ...bundle.seen, seq: payload.seq + 1 } }),
      bad('compartments in another order', 'bundle-content', { compartments: bundle.compartments.toReversed() }),
      bad('a compartment missing', 'bundle-content', { compartments: bundle.compartments.slice(1) }),
      bad('other secrets', 'epoch-key', { compartments }),
      bad('an epoch behind', 'epoch-key', { compartments: states.granted.bundle.compartments }),
    ]
  },
  async open(given, shared) {
    const opened = openBundle({
      accountKey: AccountKey.parse(bytesOf(given, 'accountKey')),
      sealed: fromBase64url(textOf(given, 'bundle')),
      recordId: anyOf(shared, 'recordId'),
      state: anyOf(given, 'state'),
      identity: await verifiedIdentity(),
    })
    return { bundle: json(opened.bundle) }
  },
}
