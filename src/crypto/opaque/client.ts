import { client, ready } from '@serenity-kit/opaque'
import { type Bytes, fromBase64url } from '../bytes.ts'
import { CryptoError } from '../errors.ts'
import { checkMessage, malformedMessage } from './message.ts'

// OPAQUE (RFC 9807), the patient's side, over @serenity-kit/opaque: OPRF and AKE over ristretto255, SHA-512. Two steps
// each for registration and sign-in; the texts that cross are canonical base64url.

await ready

/**
 * Argon2id of the secret code: RFC 9106 §4, second recommended option. `memory` in KiB. Pinned: what a server could lower
 * is what it could guess through. Changing them makes every registration unusable.
 */
const KEY_STRETCHING = { 'argon2id-custom': { memory: 65_536, iterations: 3, parallelism: 4 } } as const

/** Names bound into registration and sign-in; both sides must give the same. */
export interface OpaqueIdentifiers {
  readonly client: string
  readonly server: string
}

/** First step of either exchange: `request` goes to the server, `state` stays and is secret. */
export interface OpaqueStart {
  readonly state: string
  readonly request: string
}

/** What registration gives. */
export interface OpaqueRegistration {
  /** To the server, which keeps it. */
  readonly record: string
  /** 64 bytes only this client can compute; wraps the device slot. */
  readonly exportKey: Bytes
  /** The server's static key, to be compared at each sign-in. */
  readonly serverPublicKey: string
}

/** What sign-in gives. */
export interface OpaqueLogin {
  /** To the server. */
  readonly finish: string
  /** 64 bytes, the same on both sides. */
  readonly sessionKey: Bytes
  /** The export key of the registration. */
  readonly exportKey: Bytes
  readonly serverPublicKey: string
}

/** Starts a registration with a secret code, which is normalised (NFC) so that keyboards do not matter. */
export function startRegistration(secretCode: string): OpaqueStart {
  const { clientRegistrationState, registrationRequest } = client.startRegistration({ password: normal(secretCode) })
  return { state: clientRegistrationState, request: registrationRequest }
}

/** Finishes it with the server's response. Takes 0.2 s. Throws `CryptoError` `opaque-malformed`. */
export function finishRegistration(input: {
  readonly secretCode: string
  readonly state: string
  readonly response: string
  readonly identifiers: OpaqueIdentifiers
}): OpaqueRegistration {
  checkMessage(input.response, 'response')
  const result = attempt(() =>
    client.finishRegistration({
      password: normal(input.secretCode),
      clientRegistrationState: input.state,
      registrationResponse: input.response,
      identifiers: { ...input.identifiers },
      keyStretching: KEY_STRETCHING,
    }),
  )
  return {
    record: result.registrationRecord,
    exportKey: fromBase64url(result.exportKey),
    serverPublicKey: result.serverStaticPublicKey,
  }
}

/** Starts a sign-in. */
export function startLogin(secretCode: string): OpaqueStart {
  const { clientLoginState, startLoginRequest } = client.startLogin({ password: normal(secretCode) })
  return { state: clientLoginState, request: startLoginRequest }
}

/**
 * Finishes it with the server's response. Takes 0.2 s. Throws `CryptoError`: `opaque-refused` (wrong secret code, unknown
 * user, or a server without the record: they cannot be told apart), `opaque-server` (not the server of the
 * registration), `opaque-malformed`.
 */
export function finishLogin(input: {
  readonly secretCode: string
  readonly state: string
  readonly response: string
  readonly identifiers: OpaqueIdentifiers
  /** `serverPublicKey` of the registration, where this device knows it. */
  readonly serverPublicKey?: string
}): OpaqueLogin {
  checkMessage(input.response, 'ke2')
  const result = attempt(() =>
    client.finishLogin({
      password: normal(input.secretCode),
      clientLoginState: input.state,
      loginResponse: input.response,
      identifiers: { ...input.identifiers },
      keyStretching: KEY_STRETCHING,
    }),
  )
  if (result === undefined) {
    throw new CryptoError('Sign-in refused: check the INS and the secret code', { code: 'opaque-refused' })
  }
  if (input.serverPublicKey !== undefined && input.serverPublicKey !== result.serverStaticPublicKey) {
    throw new CryptoError('This is not the server this device was registered with: do not sign in', {
      code: 'opaque-server',
    })
  }
  return {
    finish: result.finishLoginRequest,
    sessionKey: fromBase64url(result.sessionKey),
    exportKey: fromBase64url(result.exportKey),
    serverPublicKey: result.serverStaticPublicKey,
  }
}

function normal(secretCode: string): string {
  return secretCode.normalize('NFC')
}

function attempt<T>(step: () => T): T {
  try {
    return step()
  } catch {
    // The library's error is dropped: its text is not ours to vouch for, and this one handled a secret.
    throw malformedMessage()
  }
}
