/** The three steps in which a patient is recognised (docs/protocol/sign-in.md), on a device that is known or on a new one. */
import { type Bytes, wipe } from '../../crypto/bytes.ts'
import { CryptoError } from '../../crypto/errors.ts'
import { finishLogin, startLogin } from '../../crypto/opaque/client.ts'
import type { Ins } from '../../protocol/ids.ts'
import { OneTimePassword, SignInFinished, SignInOpened, SignInStarted } from '../../protocol/messages.ts'
import type { Trust } from '../anchors.ts'
import { HostRefusal, InputError } from '../errors.ts'
import type { Host } from '../http.ts'
import type { DeviceFile } from './store.ts'

/** How often a one-time password that was sent may be told, by the host's bound (docs/protocol/sign-in.md). */
const ONE_TIME_PASSWORD_TRIES = 5

/** What is known of a one-time password when it is asked for. */
export interface PasswordAsked {
  readonly sentTo: string
  /** `queued`: it waits, and is tried again. */
  readonly delivery: 'sent' | 'queued'
  /** What was told before was not the one that was sent, or too late. */
  readonly isAgain: boolean
}

/** How the person is asked. */
export interface Credentials {
  readonly secretCode: string
  /** Asks for the one-time password that was just sent. */
  oneTimePassword(asked: PasswordAsked): Promise<string>
  /** The person can be asked again after a wrong one, for the same message: there is no need to begin anew. */
  readonly canAskAgain?: boolean
}

/** A patient who was recognised, and what the secret code gave. */
export interface Authenticated {
  readonly opened: SignInOpened
  /** Half of what opens a device's slot; whoever asked wipes it. */
  readonly exportKey: Bytes
  /** The host's OPAQUE key, of the registration. */
  readonly serverPublicKey: string
}

/**
 * Secret code by OPAQUE, then the one-time password. Throws `InputError` `sign-in-failed` (it does not tell which of
 * secret code and INS was wrong), `one-time-password-malformed`; `HostRefusal` (`sign-in-refused`, `sign-in-locked`,
 * `code-refused`); `CryptoError` `opaque-server`.
 */
export async function authenticate(
  { trust, host }: { readonly trust: Trust; readonly host: Host },
  input: Credentials & { readonly ins: Ins; readonly device: DeviceFile | null },
): Promise<Authenticated> {
  const { secretCode, ins, device } = input
  const start = startLogin(secretCode)
  const started = await host.call({
    method: 'POST',
    path: '/v1/sign-in/start',
    body: { ins, device: device?.slotId ?? null, request: start.request },
    answer: SignInStarted,
  })
  const login = finish(started.attemptsLeft, () =>
    finishLogin({
      secretCode,
      state: start.state,
      response: started.response,
      identifiers: opaqueIdentifiers(trust, ins),
      ...(device === null ? {} : { serverPublicKey: device.serverPublicKey }),
    }),
  )
  wipe(login.sessionKey)
  const finished = await host.call({
    method: 'POST',
    path: '/v1/sign-in/finish',
    body: { handle: started.handle, request: login.finish },
    answer: SignInFinished,
  })
  const { handle } = finished
  const opened = await tellOneTimePassword(input, finished, code =>
    host.call({ method: 'POST', path: '/v1/sign-in/code', body: { handle, code }, answer: SignInOpened }),
  )
  return { opened, exportKey: login.exportKey, serverPublicKey: login.serverPublicKey }
}

/** Names that OPAQUE binds a secret code to (docs/protocol/sign-in.md). */
export function opaqueIdentifiers(trust: Trust, ins: Ins): { readonly client: string; readonly server: string } {
  return { client: ins, server: trust.anchors.deployment }
}

/**
 * Asks for a one-time password and tells it, as often as the host takes another try. Each try counts for the lock of
 * sign-in.md, so nobody is asked who cannot look at the message again. Throws as `tell`; `InputError` `one-time-password-malformed`.
 */
export async function tellOneTimePassword<T>(
  { oneTimePassword, canAskAgain = false }: Omit<Credentials, 'secretCode'>,
  { sentTo, delivery }: Omit<PasswordAsked, 'isAgain'>,
  tell: (code: string) => Promise<T>,
): Promise<T> {
  for (let tries = 1; ; tries++) {
    const code = readOneTimePassword(await oneTimePassword({ sentTo, delivery, isAgain: tries > 1 }))
    try {
      return await tell(code)
    } catch (error) {
      const isLast = !canAskAgain || tries === ONE_TIME_PASSWORD_TRIES
      if (isLast || !HostRefusal.is(error, 'code-refused')) throw error
    }
  }
}

/** A one-time password as typed. Throws `InputError` `one-time-password-malformed`. */
export function readOneTimePassword(text: string): string {
  const parsed = OneTimePassword.safeParse(text.replace(/[\s-]/g, ''))
  if (parsed.success) return parsed.data
  throw new InputError('A one-time password has eight digits: type it as it stands in the message', {
    code: 'one-time-password-malformed',
  })
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
