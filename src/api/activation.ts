import { registrationResponse } from '../crypto/opaque/server.ts'
import {
  ActivationRequest,
  ActivationState,
  Contact,
  ContactChallenge,
  OpaqueRequest,
  OpaqueResponse,
  Receipted,
  RecordState,
  Vaultkeys,
} from '../protocol/messages.ts'
import { Nothing } from './body.ts'
import { BODY_LIMIT } from './limits.ts'
import { type Site, signedRoute } from './route.ts'
import { opaqueStep } from './sign-in.ts'

/** Activation, by the holder of the second mailed code: the sealed bundle, a proved contact, OPAQUE, the activation. */
export function activationRoutes(site: Site): void {
  const { vault, opaqueSetup } = site.context
  const callers = ['code'] as const
  const small = { method: 'POST', callers, limit: BODY_LIMIT.small } as const

  signedRoute(
    site,
    {
      ...small,
      path: '/v1/activation/bundle',
      body: Nothing,
      summary: 'What the kit opens: the sealed bundle and the state',
      answer: Vaultkeys,
    },
    ({ signed }) => vault.activation.material(signed),
  )
  signedRoute(
    site,
    {
      ...small,
      path: '/v1/activation/contact',
      body: Contact,
      summary: 'Send a one-time password to the contact that is to be proved',
      answer: ContactChallenge,
    },
    ({ signed, body }) => vault.accounts.sendContactChallenge(signed, body),
  )
  signedRoute(
    site,
    {
      ...small,
      path: '/v1/activation/opaque',
      body: OpaqueRequest,
      summary: "The host's step of an OPAQUE registration",
      answer: OpaqueResponse,
    },
    async ({ signed, body }) => {
      const userIdentifier = await vault.accounts.insForOpaque(signed)
      const response = opaqueStep(() =>
        registrationResponse({ setup: opaqueSetup, userIdentifier, request: body.request }),
      )
      return { response }
    },
  )
  signedRoute(
    site,
    {
      ...small,
      path: '/v1/activation/state',
      limit: BODY_LIMIT.statements,
      body: ActivationState,
      summary: 'What holds now in a record that is activated anew, for who holds code and kit',
      answer: RecordState,
    },
    ({ signed, body }) => vault.activation.state(signed, body),
  )
  signedRoute(
    site,
    {
      method: 'POST',
      path: '/v1/activation',
      callers,
      limit: BODY_LIMIT.record,
      body: ActivationRequest,
      summary: 'Activate the account: secret code, first contact, first device',
      answer: Receipted,
    },
    async ({ signed, body }) => {
      // Before the activation, in a commit of its own: a refused activation gives no try of the password back.
      const { challenge, contact, code } = body
      const { registration } = signed.caller
      await vault.accounts.proveContact({ subject: registration, challenge, contact, code, at: signed.at })
      return vault.activation.complete(signed, body)
    },
  )
}
