import { fromBase64url, toBase64url, wiping } from '../../crypto/bytes.ts'
import { AccountKey } from '../../crypto/keys.ts'
import { statementHash } from '../../crypto/statement.ts'
import { identityFingerprint } from '../../log/identity.ts'
import { verifyState } from '../../log/state-chain.ts'
import type { RecoveryKit } from '../../paper/kit.ts'
import type { Ins, RecordId } from '../../protocol/ids.ts'
import { RecordOpened } from '../../protocol/messages.ts'
import type { Trust } from '../anchors.ts'
import { openBundle } from '../bundle.ts'
import { type Clock, clockFor } from '../clock.ts'
import { HostRefusal, StepError } from '../errors.ts'
import { Host } from '../http.ts'
import { kitNotKept, type NewKit } from '../kit.ts'
import { useMailedCode } from '../mailed-code.ts'
import { checkReceipt } from '../receipts.ts'
import { acceptState, nothingSeen } from '../seen.ts'
import { verifyPatient } from '../trust.ts'
import { makeOpening } from './opening.ts'
import type { OpeningFile, PatientStore } from './store.ts'

/** Refusals of an opening for good. */
const FINAL = /^(registration-.*|identity-invalid|state-invalid|statement-invalid|record-exists)$/

/** Times that the kit's groups are asked for. */
const KIT_TRIES = 3

/** What opening a record needs. */
export interface OpenInput {
  readonly home: PatientStore
  readonly ins: Ins
  /** The opening code, as typed. */
  readonly code: string
  /** Saves or prints the kit (`recoveryKitPdf` makes it a PDF), before anything is sent. */
  keepKit(kit: RecoveryKit): Promise<void>
  /** Asks these groups of the kit back (numbers from 1); the answers in the same order. */
  askKit(groups: readonly number[]): Promise<readonly string[]>
  /** The anchors file, the first time a home folder is used. */
  readonly anchors?: string
  readonly clock?: Clock
}

/** A record that was opened. */
export interface Opened {
  readonly recordId: RecordId
  readonly fingerprint: string
  /** Whether this was an earlier opening whose answer had been lost. */
  readonly resumed: boolean
}

/**
 * Opens a record with the first letter's code: identity, compartments, first state and recovery kit are made here, the
 * kit is asked back in part before anything is sent, and the host's receipt is checked.
 *
 * An opening whose answer was lost is sent again, the same: a second identity under one registration would freeze it.
 * Throws `StepError` `record-exists` (this home has one), `InputError` `kit-not-kept`, as `useMailedCode`, `Host.call`,
 * `checkReceipt`.
 */
export async function openRecord(input: OpenInput): Promise<Opened> {
  const { home, ins } = input
  const trust = await home.trust(input.anchors)
  const clock = clockFor(trust.anchors, input.clock)
  if ((await home.record()) !== null) {
    throw new StepError(`A record was opened in ${home.folder} already; use another --home for another person`, {
      code: 'record-exists',
    })
  }
  const host = new Host({ anchors: trust.anchors, listener: 'patients', clock })
  try {
    const pending = await home.opening()
    if (pending !== null) return { ...(await send({ home, trust, host, clock }, pending)), resumed: true }
    const holder = await useMailedCode(trust, host, { code: input.code, ins, purpose: 'opening', now: clock() })
    const made = await makeOpening({ deployment: trust.anchors.deployment, ins, holder, now: clock() })
    await keepNewKit(input, made.kit)
    await home.saveOpening(made.opening)
    return { ...(await send({ home, trust, host, clock }, made.opening)), resumed: false }
  } finally {
    await host.close()
  }
}

/** Has a new kit kept, and part of it asked back. Throws `InputError` `kit-not-kept`. */
export async function keepNewKit(input: Pick<OpenInput, 'keepKit' | 'askKit'>, kit: NewKit): Promise<void> {
  await input.keepKit(kit.page)
  for (let attempt = 0; attempt < KIT_TRIES; attempt++) {
    if (kit.isAnswer(await input.askKit(kit.asked))) return
  }
  throw kitNotKept()
}

async function send(
  { home, trust, host, clock }: { home: PatientStore; trust: Trust; host: Host; clock: Clock },
  opening: OpeningFile,
): Promise<Omit<Opened, 'resumed'>> {
  const { request, ins, registration, registrationSalt } = opening
  const claimed = { identity: request.identity, registration, registrationSalt }
  const patient = await verifyPatient(trust, ins, { ...claimed, recordId: recordIdOfText(request.identity) })
  const { recordId, identity } = patient
  const state = await verifyState(request.state, { deployment: trust.anchors.deployment, ...patient })
  const accountKey = wiping(fromBase64url(opening.accountKey), AccountKey.parse)
  const sealed = fromBase64url(request.bundle)
  const { sign } = openBundle({ accountKey, sealed, ...patient, state: state.payload })
  accountKey.wipe()
  const answer = await host
    .call({
      method: 'POST',
      path: '/v1/records',
      body: request,
      signer: { keyId: `identity:${identity.hash}`, key: sign },
      answer: RecordOpened,
    })
    .catch(async (error: unknown) => {
      // A refusal that no second try can change: a later opening must start anew.
      if (HostRefusal.is(error) && FINAL.test(error.code)) await home.removeOpening()
      throw error
    })
  const receipt = await checkReceipt(answer.receipt, trust, {
    action: 'record.open',
    actor: { kind: 'patient', id: recordId },
    object: { identity: identity.hash, registration: identity.payload.registration },
    state: state.hash,
    now: clock(),
  })
  const { entryHash, integrateBy } = receipt.payload
  const seen = acceptState(nothingSeen(), state)
  await home.saveSeen({ ...seen, receipts: [{ entryHash, integrateBy, text: answer.receipt }] })
  await home.saveRecord({ v: 1, ins, recordId, ...claimed, activation: null })
  await home.removeOpening()
  return { recordId, fingerprint: identityFingerprint(identity) }
}

/** As `recordIdOf`, of a statement not verified yet. */
function recordIdOfText(identity: string): RecordId {
  return toBase64url(statementHash(identity).subarray(0, 16)) as RecordId
}
