/** Re-opening a record whose kit and devices are lost, by a new opening letter (docs/protocol/recovery.md). */

import { box } from '../../crypto/box.ts'
import { concat, toBase64url, wiping } from '../../crypto/bytes.ts'
import type { KitSecret } from '../../crypto/keys.ts'
import { statementHash } from '../../crypto/statement.ts'
import { identityFingerprint } from '../../log/identity.ts'
import type { Hash, Ins, RecordId } from '../../protocol/ids.ts'
import { IdentityPapers, IdentityProposed } from '../../protocol/succession.ts'
import type { Trust } from '../anchors.ts'
import { type Clock, clockFor } from '../clock.ts'
import { HostRefusal, StepError, VerificationError } from '../errors.ts'
import { Host } from '../http.ts'
import { kitSlotKey, waitingIdentityInfo } from '../infos.ts'
import { makeKit } from '../kit.ts'
import { type CodeHolder, useMailedCode } from '../mailed-code.ts'
import { leadsTo, type VerifiedPatient, verifyPatient } from '../trust.ts'
import { makeIdentity, type NewIdentity } from './new-identity.ts'
import { keepNewKit, type OpenInput } from './open.ts'
import type { PatientStore, WaitingFile } from './store.ts'

/** Refusals of a proposal for good. */
const FINAL = /^(registration-.*|identity-invalid|record-unknown)$/

/** What was proposed. */
export interface Reopening {
  readonly recordId: RecordId
  /** To be shown to a professional, in person: from one's own screen or the new kit. */
  readonly fingerprint: string
  /** Whether this was an earlier one whose answer had been lost. */
  readonly resumed: boolean
}

/**
 * Proposes a new identity for a record that is open, with a new opening letter's code. Nothing changes by it: a
 * professional who has access vouches for it in person, then 72 hours pass in which any device may stop it, then
 * `recoverRecord` brings it in. Its keys wait in a box that the new kit opens.
 * Throws `StepError` `identity-waits` (another letter's is waiting here); as `useMailedCode`, `verifyPatient`, `Host.call`.
 */
export async function reopenRecord(input: OpenInput): Promise<Reopening> {
  const { home, ins } = input
  const trust = await home.trust(input.anchors)
  const clock = clockFor(trust.anchors, input.clock)
  const host = new Host({ anchors: trust.anchors, listener: 'patients', clock })
  try {
    const holder = await useMailedCode(trust, host, { code: input.code, ins, purpose: 'opening', now: clock() })
    const before = await home.waiting()
    const waiting = before ?? (await prepare(input, { trust, host, clock }, holder))
    if (before !== null && before.registration !== holder.registration.text) {
      throw new StepError(`Another new identity waits in ${home.folder}: finish that one, or use another --home`, {
        code: 'identity-waits',
      })
    }
    const { recordId } = await host
      .call({
        method: 'POST',
        path: '/v1/recoveries',
        body: { identity: waiting.identity },
        signer: holder.signer,
        answer: IdentityProposed,
      })
      .catch(async (error: unknown) => {
        // A refusal that no second try can change: with the next letter it begins anew.
        if (HostRefusal.is(error) && FINAL.test(error.code)) await home.saveWaiting(null)
        throw error
      })
    const patient = await verifyPatient(trust, ins, waiting)
    if (recordId !== patient.recordId) throw otherRecord(waiting)
    return { recordId, fingerprint: identityFingerprint(patient.identity), resumed: before !== null }
  } finally {
    await host.close()
  }
}

/** The fingerprint of the identity that waits in a store, to be shown again; null when none does. Throws as `verifyPatient`. */
export async function waitingFingerprint(home: PatientStore): Promise<string | null> {
  const waiting = await home.waiting()
  if (waiting === null) return null
  return identityFingerprint((await verifyPatient(await home.trust(), waiting.ins, waiting)).identity)
}

async function prepare(
  input: OpenInput,
  place: { readonly trust: Trust; readonly host: Host; readonly clock: Clock },
  holder: CodeHolder,
): Promise<WaitingFile> {
  const { home, ins } = input
  const { papers, patient } = await recordOfCode(place, { home, ins, holder })
  const { recordId } = patient
  const next = await makeIdentity(place.trust.anchors.deployment, holder, patient.identity.hash)
  const fingerprint = identityFingerprint(next.identity)
  const kit = makeKit({ ins, fingerprint, createdAt: place.clock() })
  try {
    await keepNewKit(input, kit)
    const waiting = waitingFile({ ins, recordId, next, kit: kit.secret, holder, papers })
    await home.saveWaiting(waiting)
    return waiting
  } finally {
    kit.secret.wipe()
    next.sign.wipe()
    next.seal.wipe()
  }
}

/** Whom a new identity will follow. Throws `HostRefusal` (`record-unknown`), `VerificationError` `identity-changed`. */
export async function recordOfCode(
  { trust, host }: { readonly trust: Trust; readonly host: Host },
  { home, ins, holder }: { readonly home: PatientStore; readonly ins: Ins; readonly holder: CodeHolder },
): Promise<{ readonly papers: IdentityPapers; readonly patient: VerifiedPatient }> {
  const papers = await host.call({
    method: 'POST',
    path: '/v1/recoveries/record',
    body: {},
    signer: holder.signer,
    answer: IdentityPapers,
  })
  const patient = await verifyPatient(trust, ins, papers)
  const known = await home.record()
  if (known !== null && !leadsTo(patient, toBase64url(statementHash(known.identity)) as Hash)) throw otherRecord(papers)
  return { papers, patient }
}

function waitingFile(input: {
  readonly ins: Ins
  readonly recordId: RecordId
  readonly next: NewIdentity
  readonly kit: KitSecret
  readonly holder: CodeHolder
  readonly papers: IdentityPapers
}): WaitingFile {
  const { ins, recordId, next, kit, holder, papers } = input
  const { identity, registration, registrationSalt, earlier = [] } = papers
  const info = waitingIdentityInfo(recordId, next.identity.hash)
  const boxKey = wiping(kit.bytes, secret => kitSlotKey(secret, recordId))
  const keys = wiping(boxKey, key =>
    wiping(next.sign.seed, sign =>
      wiping(next.seal.bytes, seal => wiping(concat(sign, seal), both => box(key, info, both))),
    ),
  )
  return {
    v: 1,
    ins,
    recordId,
    identity: next.identity.text,
    registration: holder.registration.text,
    registrationSalt: holder.salt,
    earlier: [...earlier, { identity, registration, registrationSalt }],
    keys: toBase64url(keys),
  }
}

function otherRecord(evidence: unknown): VerificationError {
  return new VerificationError('The host names another identity for this record than the one known here', {
    code: 'identity-changed',
    evidence,
  })
}
