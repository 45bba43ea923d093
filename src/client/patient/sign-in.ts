import { fromBase64url, toBase64url, wipe, wiping } from '../../crypto/bytes.ts'
import { CryptoError } from '../../crypto/errors.ts'
import { DeviceSecret } from '../../crypto/keys.ts'
import { finishLogin, startLogin } from '../../crypto/opaque/client.ts'
import { SessionOpened, SignInFinished, SignInOpened, SignInStarted } from '../../protocol/messages.ts'
import { type Clock, clockFor } from '../clock.ts'
import { ConnectionError, HostRefusal, InputError, StepError } from '../errors.ts'
import { Host } from '../http.ts'
import { seenHeader } from '../seen.ts'
import { opaqueIdentifiers, readOneTimePassword } from './activate.ts'
import { type Followed, followChain } from './chain.ts'
import { type Revoked, settle } from './grants.ts'
import { PatientSession, type SessionParts } from './session.ts'
import type { DeviceFile, PatientStore } from './store.ts'
import { unlock } from './view.ts'

/** What signing in needs. */
export interface SignInInput {
  readonly home: PatientStore
  readonly secretCode: string
  /** Asks for the one-time password that was just sent (`queued`: the mail waits, and is tried again). */
  oneTimePassword(sentTo: string, delivery: 'sent' | 'queued'): Promise<string>
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
  const { home } = input
  const record = await home.requireRecord()
  const trust = await home.trust()
  const clock = clockFor(trust.anchors, input.clock)
  const device = await home.device()
  if (device === null) {
    throw new StepError('This device does not open the record yet: activate it with the second letter and the kit', {
      code: 'device-missing',
    })
  }
  const host = new Host({ anchors: trust.anchors, listener: 'patients', clock })
  try {
    return await enter(input, { home, record, trust, host, clock, device })
  } catch (error) {
    await host.close()
    throw error
  }
}

/** What `signIn` looked up before it spoke to the host. */
type Entrance = Pick<SessionParts, 'home' | 'record' | 'trust' | 'host' | 'clock'> & { readonly device: DeviceFile }

async function enter(input: SignInInput, { home, record, trust, host, clock, device }: Entrance): Promise<SignedIn> {
  const { secretCode } = input
  const start = startLogin(secretCode)
  const started = await host.call({
    method: 'POST',
    path: '/v1/sign-in/start',
    body: { ins: record.ins, device: device.slotId, request: start.request },
    answer: SignInStarted,
  })
  const login = finish(started.attemptsLeft, () =>
    finishLogin({
      secretCode,
      state: start.state,
      response: started.response,
      identifiers: opaqueIdentifiers(trust, record.ins),
      serverPublicKey: device.serverPublicKey,
    }),
  )
  const finished = await host.call({
    method: 'POST',
    path: '/v1/sign-in/finish',
    body: { handle: started.handle, request: login.finish },
    answer: SignInFinished,
  })
  const opened = await host.call({
    method: 'POST',
    path: '/v1/sign-in/code',
    body: {
      handle: finished.handle,
      code: readOneTimePassword(await input.oneTimePassword(finished.sentTo, finished.delivery)),
    },
    answer: SignInOpened,
  })
  using secret = wiping(fromBase64url(device.secret), DeviceSecret.parse)
  const { unlocked, seen } = await unlock({
    trust,
    ins: record.ins,
    keys: opened.keys,
    seen: await home.seen(),
    opener: { kind: 'device', exportKey: login.exportKey, device: secret },
    slotId: device.slotId,
  })
  wipe(login.exportKey)
  wipe(login.sessionKey)
  const { patient, accountKey, sign } = unlocked
  const answer = await host.call({
    method: 'POST',
    path: '/v1/sessions',
    body: { ticket: opened.ticket },
    signer: { keyId: `identity:${patient.identity.hash}`, key: sign },
    seen: seenHeader(seen),
    answer: SessionOpened,
  })
  const session = new PatientSession({
    home,
    record,
    trust,
    host,
    clock,
    patient,
    accountKey,
    sign,
    session: answer.session,
    seen,
  })
  await session.keepReceipt(answer.receipt, { action: 'session.start' })
  const followed = await followChain(session)
  const { settled, warnings } = await settleOrWarn(session)
  // Last: with a host whose chain does not hold, no later command goes on.
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

function finish<T>(attemptsLeft: number, step: () => T): T {
  try {
    return step()
  } catch (error) {
    if (!CryptoError.is(error, 'opaque-refused')) throw error
    throw new InputError(`The sign-in failed: check the secret code. ${warning(attemptsLeft)}`, {
      code: 'sign-in-failed',
      cause: error,
    })
  }
}

function warning(attemptsLeft: number): string {
  if (attemptsLeft === 0) return 'This device now has to wait before the next try'
  return attemptsLeft === 1
    ? 'One try is left before this device has to wait'
    : `${attemptsLeft} tries are left before this device has to wait`
}

/** Leftovers that the host will not let us do now must not keep the patient out; a check that fails must. */
async function settleOrWarn(session: PatientSession): Promise<{ settled: Revoked; warnings: string[] }> {
  try {
    return { settled: await settle(session), warnings: [] }
  } catch (error) {
    if (!HostRefusal.is(error) && !ConnectionError.is(error)) throw error
    const warning = `Compartments are due to be rolled and could not be (${error.code}); it is tried again at the next sign-in`
    return { settled: { revoked: [], rolled: [] }, warnings: [warning] }
  }
}
