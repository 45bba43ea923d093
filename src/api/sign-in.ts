import { CryptoError } from '../crypto/errors.ts'
import { finishLogin, publicKeyOf, startLogin } from '../crypto/opaque/server.ts'
import {
  SignInCode,
  SignInFinish,
  SignInFinished,
  SignInOpened,
  SignInStart,
  SignInStarted,
} from '../protocol/messages.ts'
import { Refusal } from '../vault/errors.ts'
import { BODY_LIMIT } from './limits.ts'
import { limitRate, type RateLimiter } from './rates.ts'
import { publicRoute, type Site } from './route.ts'

/**
 * Signing in with the secret code (OPAQUE) and a one-time password (docs/protocol/sign-in.md). An unknown INS goes through
 * the same calls as a known one: it fails where a wrong secret code fails, with the same answer.
 */
export function signInRoutes(site: Site, limiter: RateLimiter): void {
  const { vault, opaqueSetup, anchors } = site.context
  const before = limitRate(limiter)
  const route = { method: 'POST', limit: BODY_LIMIT.small, before } as const
  const identifiersOf = (ins: string) => ({ client: ins, server: anchors.deployment })

  publicRoute(
    site,
    {
      ...route,
      path: '/v1/sign-in/start',
      body: SignInStart,
      summary: "Begin a sign-in: the host's first step of OPAQUE",
      answer: SignInStarted,
    },
    async ({ body, at }): Promise<SignInStarted> => {
      const { ins, device, request } = body
      const candidate = await vault.signIns.lookUp({ ins, device, at })
      const { state, response } = opaqueStep(() =>
        startLogin({
          setup: opaqueSetup,
          record: candidate.opaque,
          request,
          userIdentifier: ins,
          identifiers: identifiersOf(ins),
        }),
      )
      return { ...(await vault.signIns.begin(candidate, state, at)), response }
    },
  )

  publicRoute(
    site,
    {
      ...route,
      path: '/v1/sign-in/finish',
      body: SignInFinish,
      summary: 'Prove the secret code; a one-time password leaves',
      answer: SignInFinished,
    },
    async ({ body, at }): Promise<SignInFinished> => {
      const attempt = await vault.signIns.take(body.handle, at)
      const finish = { state: attempt.opaqueState, finish: body.request, identifiers: identifiersOf(attempt.ins) }
      if (!knowsSecretCode(finish)) return vault.signIns.fail(attempt)
      return vault.signIns.pass(attempt, at)
    },
  )

  publicRoute(
    site,
    {
      ...route,
      path: '/v1/sign-in/code',
      body: SignInCode,
      summary: 'Prove the one-time password: a ticket for a session, and the sealed bundle',
      answer: SignInOpened,
    },
    async ({ body, at }): Promise<SignInOpened> => {
      const { ticket, record } = await vault.signIns.open({ ...body, at })
      return { ticket, keys: await vault.records.keysOf(record) }
    },
  )
}

/** The session key is not used further: every later request is signed by the identity. */
function knowsSecretCode(finish: Parameters<typeof finishLogin>[0]): boolean {
  try {
    finishLogin(finish).fill(0)
    return true
  } catch (error) {
    // A malformed last message is a failed try like any other: otherwise it would be one that is not counted.
    if (CryptoError.is(error)) return false
    throw error
  }
}

/** One step of OPAQUE whose message came from outside. Throws `Refusal` `malformed`. */
export function opaqueStep<T>(step: () => T): T {
  try {
    return step()
  } catch (cause) {
    if (!CryptoError.is(cause, 'opaque-malformed')) throw cause
    throw new Refusal('malformed', 'request is not an OPAQUE message', { cause })
  }
}

/** Whether a text is OPAQUE's long-term secret, for checking a configuration. */
export function isOpaqueSetup(text: string): boolean {
  try {
    publicKeyOf(text)
    return true
  } catch {
    return false
  }
}
