import { ready, server } from '@serenity-kit/opaque'
import { type Bytes, fromBase64url } from '../bytes.ts'
import { CryptoError } from '../errors.ts'
import { checkMessage, malformedMessage } from './message.ts'

// OPAQUE (RFC 9807), the host's side. The host never sees the secret code, nor anything it could replay or guess from
// without its own key being in the attacker's hands.

await ready

/** Names bound into registration and sign-in; both sides must give the same. */
export interface OpaqueIdentifiers {
  readonly client: string
  readonly server: string
}

/** The host's long-term OPAQUE secret (OPRF seed and key pair), a text to be kept with mode 0600. */
export function createSetup(): string {
  return server.createSetup()
}

/** The public key in a setup, which clients compare at sign-in. Throws `CryptoError` `opaque-malformed`. */
export function publicKeyOf(setup: string): string {
  return attempt(() => server.getPublicKey(setup))
}

/**
 * Answers a registration request. `userIdentifier` picks the OPRF key and must be the same at every sign-in.
 * Throws `CryptoError` `opaque-malformed`.
 */
export function registrationResponse(input: {
  readonly setup: string
  readonly userIdentifier: string
  readonly request: string
}): string {
  checkMessage(input.request, 'request')
  return attempt(
    () =>
      server.createRegistrationResponse({
        serverSetup: input.setup,
        userIdentifier: input.userIdentifier,
        registrationRequest: input.request,
      }).registrationResponse,
  )
}

/**
 * Answers the first step of a sign-in. With `record` null (unknown user) the answer is made up and looks, and costs, the
 * same: RFC 9807 §10.9. `state` is secret, kept for the one `finishLogin`. Throws `CryptoError` `opaque-malformed`.
 */
export function startLogin(input: {
  readonly setup: string
  readonly record: string | null
  readonly request: string
  readonly userIdentifier: string
  readonly identifiers: OpaqueIdentifiers
}): { readonly state: string; readonly response: string } {
  checkMessage(input.request, 'ke1')
  if (input.record !== null) checkMessage(input.record, 'record')
  const { serverLoginState, loginResponse } = attempt(() =>
    server.startLogin({
      serverSetup: input.setup,
      registrationRecord: input.record,
      startLoginRequest: input.request,
      userIdentifier: input.userIdentifier,
      identifiers: { ...input.identifiers },
    }),
  )
  return { state: serverLoginState, response: loginResponse }
}

/**
 * Checks the client's last message and gives the 64-byte session key, the same as the client's.
 * Throws `CryptoError` `opaque-refused`: the client did not know the secret code, or the message is another's.
 */
export function finishLogin(input: {
  readonly state: string
  readonly finish: string
  readonly identifiers: OpaqueIdentifiers
}): Bytes {
  checkMessage(input.finish, 'ke3')
  try {
    const { sessionKey } = server.finishLogin({
      serverLoginState: input.state,
      finishLoginRequest: input.finish,
      identifiers: { ...input.identifiers },
    })
    return fromBase64url(sessionKey)
  } catch {
    throw new CryptoError('Sign-in refused', { code: 'opaque-refused' })
  }
}

function attempt<T>(step: () => T): T {
  try {
    return step()
  } catch {
    throw malformedMessage()
  }
}
