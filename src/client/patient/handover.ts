/** The patient takes a new identity while the one before is at hand: when somebody else may hold its key. */
import { ed25519Signer, signStatement } from '../../crypto/statement.ts'
import { identityFingerprint } from '../../log/identity.ts'
import { byHandover, verifyHandover } from '../../log/recovery.ts'
import { Receipted } from '../../protocol/messages.ts'
import { type Handover, StatementTyp } from '../../protocol/statements.ts'
import { IdentityProposed } from '../../protocol/succession.ts'
import { instant } from '../clock.ts'
import { makeKit } from '../kit.ts'
import { useMailedCode } from '../mailed-code.ts'
import { checkReceipt } from '../receipts.ts'
import { makeIdentity, type NewIdentity } from './new-identity.ts'
import { keepNewKit, type OpenInput } from './open.ts'
import { recordOfCode } from './reopen.ts'
import type { PatientSession } from './session.ts'
import { heldIn, succeed } from './succeed.ts'

/** What a handover needs, besides the session. */
export type HandOverInput = Pick<OpenInput, 'code' | 'keepKit' | 'askKit'>

/**
 * Hands the record over to a new identity, made with a new opening letter's code and let in by the one in force, at once.
 * Every compartment has a new epoch that leads back to the ones before; grants, devices and sessions of before are gone:
 * the secret code and the contact stay, this machine comes back by `addDevice` with the new kit.
 * Throws as `useMailedCode`, `recordOfCode`, `PatientSession.view`, `Host.call`, `checkReceipt`; `InputError` `kit-not-kept`.
 */
export async function handOver(
  session: PatientSession,
  input: HandOverInput,
): Promise<{ readonly fingerprint: string }> {
  const { trust, host, clock, home, record, seen } = session
  const { ins } = record
  const { deployment } = trust.anchors
  const view = await session.view()
  const holder = await useMailedCode(trust, host, { code: input.code, ins, purpose: 'opening', now: clock() })
  const { papers, patient: before } = await recordOfCode(session, { home, ins, holder })
  const { recordId } = before
  const next = await makeIdentity(deployment, holder, session.patient.identity.hash)
  const { identity } = next
  const fingerprint = identityFingerprint(identity)
  const kit = makeKit({ ins, fingerprint, createdAt: clock() })
  const held = heldIn(view.bundle)
  try {
    await keepNewKit(input, kit)
    await host.call({
      method: 'POST',
      path: '/v1/recoveries',
      body: { identity: identity.text },
      signer: holder.signer,
      answer: IdentityProposed,
    })
    const handover = await signHandover(session, next)
    const warrant = byHandover(handover)
    const made = await succeed({
      ...{ deployment, recordId, previous: view, next, held, kit: kit.secret, warrant, seen },
      now: clock(),
    })
    const { state, sets, bundle, slots } = made
    const { receipt } = await host.call({
      method: 'POST',
      path: session.path('/identity'),
      body: { by: { handover: handover.text }, state: state.text, sets, bundle, slots },
      signer: { keyId: `identity:${identity.hash}`, key: next.sign },
      answer: Receipted,
    })
    const object = { identity: identity.hash, registration: identity.payload.registration, handover: handover.hash }
    const actor = { kind: 'patient', id: recordId } as const
    const checked = await checkReceipt(receipt, trust, {
      action: 'identity.change',
      ...{ actor, object, state: state.hash, now: clock() },
    })
    const { entryHash, integrateBy } = checked.payload
    await session.see({
      ...session.seen,
      state: { seq: state.payload.seq, hash: state.hash },
      receipts: [...session.seen.receipts, { entryHash, integrateBy, text: receipt }],
    })
    const { earlier = [], identity: old, registration, registrationSalt } = papers
    await home.saveRecord({
      ...record,
      identity: identity.text,
      registration: holder.registration.text,
      registrationSalt: holder.salt,
      earlier: [...earlier, { identity: old, registration, registrationSalt }],
    })
    await home.removeDevice()
    await home.removeSession()
    return { fingerprint }
  } finally {
    for (const { secret } of held.values()) secret.wipe()
    kit.secret.wipe()
    next.sign.wipe()
    next.seal.wipe()
  }
}

/** The old identity's word for the new one, read back verified. */
async function signHandover({ trust, clock, patient, sign }: PatientSession, { identity: next }: NewIdentity) {
  const { deployment } = trust.anchors
  const { recordId, identity } = patient
  const payload: Handover = { deployment, recordId, from: identity.hash, to: next.hash, t: instant(clock()) }
  const text = await signStatement(StatementTyp.handover, payload, ed25519Signer(sign, identity.hash))
  return verifyHandover(text, { deployment, recordId, identity, next })
}
