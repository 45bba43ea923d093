import { fromBase64url, toBase64url, wipe, wiping } from '../../crypto/bytes.ts'
import { DeviceSecret } from '../../crypto/keys.ts'
import { SessionOpened, type SignInOpened } from '../../protocol/messages.ts'
import { type Clock, clockFor } from '../clock.ts'
import { ConnectionError, HostRefusal, StepError } from '../errors.ts'
import { Host } from '../http.ts'
import { type Seen, seenHeader } from '../seen.ts'
import { authenticate, type Credentials } from './authenticate.ts'
import { type Followed, followChain } from './chain.ts'
import { addMissingKinds } from './compartments.ts'
import { type Revoked, settle } from './grants.ts'
import { readIdentities } from './identities.ts'
import { PatientSession, type SessionParts } from './session.ts'
import type { DeviceFile, PatientStore } from './store.ts'
import { type Unlocked, unlock } from './view.ts'

/** What signing in needs. */
export interface SignInInput extends Credentials {
  readonly home: PatientStore
  readonly clock?: Clock
}

/** A session, and what the client found and did first thing. */
export interface SignedIn {
  readonly session: PatientSession
  /** Seconds without a request after which the host ends it. */
  readonly idleSeconds: number
  /** What the chain brought since the last time, checked. */
  readonly followed: Followed
  /** Grants whose term had passed, compartments that were due to be rolled. */
  readonly settled: Revoked
  /** What a person must be told; empty when all is well. */
  readonly warnings: readonly string[]
}

/**
 * Signs in: secret code by OPAQUE, one-time password, then the sealed bundle, opened with this device's half; the first
 * signed request opens the session. Then the chain is followed and checked, and what was left undone is done (expired
 * grants, rolls). The session's keys are written to the home folder (see `SessionFile` for what that means).
 *
 * Throws `StepError` (`home-missing`, `device-missing`), `InputError` `sign-in-failed` (it does not tell which of secret
 * code and INS was wrong), `HostRefusal` (`sign-in-refused`, `sign-in-locked`), `CryptoError` `opaque-server`, as
 * `unlock`, `followChain`.
 */
export async function signIn(input: SignInInput): Promise<SignedIn> {
  return atDevice(input, entrance => enter(input, entrance))
}

/** Looks up what a sign-in on this device starts from; closes connections when it fails. Throws `StepError`. */
export async function atDevice<T>(
  { home, clock: given }: Pick<SignInInput, 'home' | 'clock'>,
  run: (entrance: Entrance & { readonly device: DeviceFile }) => Promise<T>,
): Promise<T> {
  const record = await home.requireRecord()
  const trust = await home.trust()
  const clock = clockFor(trust.anchors, given)
  const device = await home.device()
  if (device === null) {
    throw new StepError('This device does not open the record yet: add it with the kit, or by a device that does', {
      code: 'device-missing',
    })
  }
  const host = new Host({ anchors: trust.anchors, listener: 'patients', clock })
  try {
    return await run({ home, record, trust, host, clock, device })
  } catch (error) {
    await host.close()
    throw error
  }
}

/** Where a sign-in happens. */
export type Entrance = Pick<SessionParts, 'home' | 'record' | 'trust' | 'host' | 'clock'>

async function enter(input: SignInInput, entrance: Entrance & { readonly device: DeviceFile }): Promise<SignedIn> {
  const { unlocked, seen, opened, exportKey } = await enterKnown(input, entrance)
  wipe(exportKey)
  return startSession(entrance, { unlocked, seen, opened })
}

/** Recognises the patient on a device that opens the record, and opens it. Throws as `authenticate`, `unlock`. */
export async function enterKnown(credentials: Credentials, entrance: Entrance & { readonly device: DeviceFile }) {
  const { home, record, trust, device } = entrance
  const { ins } = record
  const authenticated = await authenticate(entrance, { ...credentials, ins, device })
  const { opened, exportKey } = authenticated
  using secret = wiping(fromBase64url(device.secret), DeviceSecret.parse)
  const { unlocked, seen } = await unlock({
    trust,
    ins,
    keys: opened.keys,
    seen: await home.seen(),
    opener: { kind: 'device', exportKey, device: secret },
    slotId: device.slotId,
    known: record.identity,
  })
  return { unlocked, seen, opened, exportKey }
}

/**
 * Opens the session by the first request that the identity signs, follows the chain, does what was left undone, and only
 * then keeps the session for later commands: with a host whose chain does not hold, none goes on.
 */
export async function startSession(
  { home, record, trust, host, clock }: Entrance,
  { unlocked, seen, opened }: { readonly unlocked: Unlocked; readonly seen: Seen; readonly opened: SignInOpened },
): Promise<SignedIn> {
  const { patient, accountKey, sign } = unlocked
  const answer = await host.call({
    method: 'POST',
    path: '/v1/sessions',
    body: { ticket: opened.ticket },
    signer: { keyId: `identity:${patient.identity.hash}`, key: sign },
    seen: seenHeader(seen),
    answer: SessionOpened,
  })
  const parts = { home, record, trust, host, clock, patient, accountKey, sign, seen }
  const session = new PatientSession({ ...parts, session: answer.session })
  await session.keepReceipt(answer.receipt, { action: 'session.start' })
  // A new identity is met here for the first time, or again: by what right it followed is checked before anything else.
  if (patient.earlier !== undefined) await readIdentities(session)
  const followed = await followChain(session)
  const { settled, warnings } = await settleOrWarn(session)
  await home.saveSession({
    v: 1,
    session: answer.session,
    accountKey: wiping(accountKey.bytes, toBase64url),
    state: opened.keys.state,
    bundle: opened.keys.bundle,
  })
  return {
    session,
    idleSeconds: answer.idleSeconds,
    followed,
    settled,
    warnings: [...followed.warnings, ...followed.problems, ...warnings],
  }
}

/** Leftovers that the host will not let us do now must not keep the patient out; a check that fails must. */
async function settleOrWarn(session: PatientSession): Promise<{ settled: Revoked; warnings: string[] }> {
  try {
    // Only a record that was re-opened can lack one, and only the first time.
    if (session.patient.earlier !== undefined) await addMissingKinds(session)
    return { settled: await settle(session), warnings: [] }
  } catch (error) {
    if (!HostRefusal.is(error) && !ConnectionError.is(error)) throw error
    const warning = `Compartments are due to be rolled and could not be (${error.code}); it is tried again at the next sign-in`
    return { settled: { revoked: [], rolled: [] }, warnings: [warning] }
  }
}
