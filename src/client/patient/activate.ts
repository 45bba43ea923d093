import { fromBase64url, randomBytes, toBase64url, wipe, wiping } from '../../crypto/bytes.ts'
import { sha256 } from '../../crypto/hash.ts'
import { DeviceSecret } from '../../crypto/keys.ts'
import { finishRegistration, startRegistration } from '../../crypto/opaque/client.ts'
import { cosignStatement, ed25519Signer } from '../../crypto/statement.ts'
import { identityFingerprint } from '../../log/identity.ts'
import type { Bundle } from '../../protocol/bundle.ts'
import type { Hash, Ins, RecordId } from '../../protocol/ids.ts'
import {
  type Contact,
  ContactChallenge,
  OpaqueResponse,
  Receipted,
  RecordState,
  Vaultkeys,
} from '../../protocol/messages.ts'
import { type Activation, StatementTyp } from '../../protocol/statements.ts'
import type { Trust } from '../anchors.ts'
import { type Clock, clockFor, instant } from '../clock.ts'
import { HostRefusal } from '../errors.ts'
import { Host } from '../http.ts'
import { contactHash } from '../infos.ts'
import { readKit } from '../kit.ts'
import { type CodeHolder, useMailedCode } from '../mailed-code.ts'
import { checkReceipt } from '../receipts.ts'
import { checkSecretCode } from '../secret-code.ts'
import { marksOf } from '../seen.ts'
import { makeSlot, newSlotId } from '../slots.ts'
import { type Credentials, opaqueIdentifiers, tellOneTimePassword } from './authenticate.ts'
import { checkedContact } from './contact.ts'
import { checkedName, withName, withNamesOf } from './device-names.ts'
import { draftNext } from './draft.ts'
import type { PatientStore } from './store.ts'
import { papersIn, readView, type Unlocked, unlock } from './view.ts'

/** What activating a record needs; the secret code is the one now chosen, checked by `checkSecretCode`. */
export interface ActivateInput extends Credentials {
  readonly home: PatientStore
  /** Left out where the record was opened in this home folder. */
  readonly ins?: Ins
  /** The activation code, as typed. */
  readonly code: string
  /** The kit's secret, as typed or scanned. */
  readonly kit: string
  /** Where one-time passwords go. */
  readonly contact: Contact
  /** What to call this device; as in `addDevice`. */
  readonly name?: string
  readonly anchors?: string
  readonly clock?: Clock
}

/** A record that was activated on this device. */
export interface Activated {
  readonly recordId: RecordId
  readonly fingerprint: string
}

/**
 * Activates a record with an activation letter's code and the kit, the first time or again when the secret code was lost: then
 * the devices that were made with the old code open nothing any more, and come back by `addDevice`. It proves the contact, registers the secret code by
 * OPAQUE (it does not leave this machine, nor does anything it could be guessed from without the host's key), makes this
 * device's slot, and signs the state that names it.
 * Throws `InputError` (`secret-code-weak`, `device-name`, `contact-malformed`, `one-time-password-malformed`), `StepError`
 * (`home-missing`, `slot-open`: another record's kit), as `useMailedCode`,
 * `unlock`, `Host.call`, `checkReceipt`.
 */
export async function activateRecord(input: ActivateInput): Promise<Activated> {
  const { home } = input
  const name = checkedName(input.name)
  const trust = await home.trust(input.anchors)
  const clock = clockFor(trust.anchors, input.clock)
  const ins = input.ins ?? (await home.requireRecord()).ins
  checkSecretCode(input.secretCode, { ins, contact: input.contact.address })
  const kit = readKit(input.kit)
  const host = new Host({ anchors: trust.anchors, listener: 'patients', clock })
  try {
    const holder = await useMailedCode(trust, host, { code: input.code, ins, purpose: 'activation', now: clock() })
    const { signer } = holder
    const keys = await host.call({
      method: 'POST',
      path: '/v1/activation/bundle',
      body: {},
      signer,
      answer: Vaultkeys,
    })
    const { unlocked, seen } = await unlock({
      trust,
      ins,
      keys,
      seen: await home.seen(),
      opener: { kind: 'kit', kit },
      known: (await home.record())?.identity,
    })
    await home.saveSeen(seen)
    const { contact, challenge, ...asked } = await challengeContact(input, host, holder)
    const contactSalt = toBase64url(randomBytes(32))
    const opaque = await register(trust, host, { holder, ins, secretCode: input.secretCode })
    using device = DeviceSecret.generate()
    const slotId = newSlotId()
    const slot = makeSlot({
      recordId: unlocked.patient.recordId,
      accountKey: unlocked.accountKey,
      accountKeyVersion: unlocked.accountKeyVersion,
      opener: { kind: 'device', exportKey: opaque.exportKey, device },
      slotId,
    })
    wipe(opaque.exportKey)
    const next: Bundle = {
      ...unlocked.bundle,
      version: unlocked.bundle.version + 1,
      seen: marksOf(seen, unlocked.state.payload.seq + 1),
    }
    const nameless = withNamesOf(next, new Set()) // the devices of before are gone
    const bundle = name === null ? nameless : withName(nameless, { slotId, name })
    const activation = await signActivation(trust, holder, {
      unlocked,
      opaqueRecord: opaque.record,
      contact,
      contactSalt,
      now: clock(),
    })
    // Grants and documents of a record that is in use are shown to who proves both, the letter's code and the kit.
    const held = await host.call({
      method: 'POST',
      path: '/v1/activation/state',
      body: { activation },
      signer,
      answer: RecordState,
    })
    const { view } = await readView(held, { trust, ...unlocked, seen })
    const kept = keys.slots.filter(({ kind }) => kind === 'kit')
    const draft = await draftNext(
      view,
      { action: 'account.activate', slots: [...kept, slot], bundle },
      { ...unlocked, deployment: trust.anchors.deployment, now: clock() },
    )
    const before = await home.device()
    const { serverPublicKey } = opaque
    const body = {
      ...{ activation, opaqueRecord: opaque.record, contact, contactSalt, challenge },
      ...{ state: draft.state.text, sets: draft.sets, bundle: draft.bundle, slots: [...kept, slot] },
    }
    const answer = await tellOneTimePassword(input, asked, async code => {
      // Written before it is sent: a device whose slot is in the state but whose secret is nowhere could never sign in.
      await home.saveDevice({ v: 1, slotId, secret: wiping(device.bytes, toBase64url), serverPublicKey })
      const request = { method: 'POST', path: '/v1/activation', signer, body: { ...body, code } } as const
      return host.call({ ...request, answer: Receipted }).catch(async (error: unknown) => {
        // What this device was before, it is again: nothing of the new came into force.
        if (HostRefusal.is(error)) await (before === null ? home.removeDevice() : home.saveDevice(before))
        throw error
      })
    })
    const { recordId, identity } = unlocked.patient
    const receipt = await checkReceipt(answer.receipt, trust, {
      action: 'account.activate',
      actor: { kind: 'patient', id: recordId },
      object: { registration: holder.registration.hash },
      state: draft.state.hash,
      now: clock(),
    })
    const { entryHash, integrateBy } = receipt.payload
    await home.saveSeen({
      ...seen,
      state: { seq: draft.state.payload.seq, hash: draft.state.hash },
      receipts: [...seen.receipts, { entryHash, integrateBy, text: answer.receipt }],
    })
    const activated = { registration: holder.registration.hash, key: holder.registration.payload.key }
    await home.saveRecord({ v: 1, ins, ...papersIn(keys), activation: activated })
    return { recordId, fingerprint: identityFingerprint(identity) }
  } finally {
    kit.wipe()
    await host.close()
  }
}

/** Has a one-time password sent to the contact, which shows the host that the code's holder reads it. */
async function challengeContact(input: ActivateInput, host: Host, { signer }: CodeHolder) {
  const contact = checkedContact(input.contact)
  const path = '/v1/activation/contact'
  const sent = await host.call({ method: 'POST', path, body: contact, signer, answer: ContactChallenge })
  return { contact, ...sent }
}

async function register(
  trust: Trust,
  host: Host,
  { holder, ins, secretCode }: { readonly holder: CodeHolder; readonly ins: Ins; readonly secretCode: string },
) {
  const { state, request } = startRegistration(secretCode)
  const { response } = await host.call({
    method: 'POST',
    path: '/v1/activation/opaque',
    body: { request },
    signer: holder.signer,
    answer: OpaqueResponse,
  })
  return finishRegistration({ secretCode, state, response, identifiers: opaqueIdentifiers(trust, ins) })
}

async function signActivation(
  trust: Trust,
  { key, registration }: CodeHolder,
  input: {
    readonly unlocked: Unlocked
    readonly opaqueRecord: string
    readonly contact: Contact
    readonly contactSalt: string
    readonly now: Date
  },
): Promise<string> {
  const { unlocked, opaqueRecord, contact, contactSalt, now } = input
  const { recordId, identity } = unlocked.patient
  const payload: Activation = {
    deployment: trust.anchors.deployment,
    recordId,
    registration: registration.hash,
    opaque: toBase64url(sha256(fromBase64url(opaqueRecord))) as Hash,
    contact: toBase64url(contactHash(fromBase64url(contactSalt), contact)) as Hash,
    t: instant(now),
  }
  return cosignStatement(
    StatementTyp.activation,
    payload,
    ed25519Signer(key, registration.hash),
    ed25519Signer(unlocked.sign, identity.hash),
  )
}
