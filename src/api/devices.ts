import {
  Devices,
  PairingAccepted,
  PairingAnswer,
  PairingAnswered,
  PairingKey,
  PairingStart,
  PairingStarted,
  PairingTake,
} from '../protocol/devices.ts'
import { Hash, RecordId } from '../protocol/ids.ts'
import { Contact, ContactChallenge, ContactChange, Receipted } from '../protocol/messages.ts'
import { Nothing } from './body.ts'
import { BODY_LIMIT } from './limits.ts'
import { limitRate, networkName, type RateLimiter } from './rates.ts'
import { pathPart, publicRoute, recordInPath, type Site, signedRoute } from './route.ts'

/** What opens a record, and who is signed in; a session that the patient does not know is ended here. */
export function deviceRoutes(site: Site): void {
  const { sessions } = site.context.vault
  const callers = ['patient'] as const
  signedRoute(
    site,
    {
      method: 'GET',
      path: '/v1/records/:r/devices',
      callers,
      summary: 'What opens the record, and who is signed in',
      answer: Devices,
    },
    ({ signed, request }) => {
      recordInPath(request, signed.caller, RecordId)
      return sessions.devices(signed)
    },
  )
  signedRoute(
    site,
    {
      method: 'POST',
      path: '/v1/records/:r/sessions/:session/end',
      callers,
      limit: BODY_LIMIT.small,
      body: Nothing,
      summary: 'End another session of the patient',
      answer: Receipted,
    },
    async ({ signed, request }) => {
      recordInPath(request, signed.caller, RecordId)
      return { receipt: await sessions.endOther(signed, pathPart(request, 'session', Hash)) }
    },
  )
}

/** The contact that one-time passwords and notices go to. */
export function contactRoutes(site: Site): void {
  const { accounts } = site.context.vault
  const route = { method: 'POST', callers: ['patient'], limit: BODY_LIMIT.small } as const
  signedRoute(
    site,
    {
      ...route,
      path: '/v1/records/:r/contact/challenge',
      body: Contact,
      summary: 'Send a one-time password to the contact that shall take the place of the one known',
      answer: ContactChallenge,
    },
    ({ signed, body, request }) => {
      recordInPath(request, signed.caller, RecordId)
      return accounts.sendNewContactChallenge(signed, body)
    },
  )
  signedRoute(
    site,
    {
      ...route,
      path: '/v1/records/:r/contact',
      body: ContactChange,
      summary: 'Put another contact in the place of the one known, which is told',
      answer: Receipted,
    },
    ({ signed, body, request }) => {
      recordInPath(request, signed.caller, RecordId)
      return accounts.changeContact(signed, body)
    },
  )
}

/** A new device that an old one lets in: the new one's key, held against what was scanned, and the answer to it. */
export function pairingRoutes(site: Site, limiter: RateLimiter): void {
  const { pairings } = site.context.vault
  const open = { method: 'POST', limit: BODY_LIMIT.small, before: limitRate(limiter) } as const
  publicRoute(
    site,
    {
      ...open,
      path: '/v1/pairings',
      body: PairingStart,
      summary: 'Let a new device wait for an old one',
      answer: PairingStarted,
    },
    ({ body, at, request }) =>
      pairings.start(body.sealKey, at, networkName(site.context.rates, request.socket.remoteAddress ?? '')),
  )
  publicRoute(
    site,
    {
      ...open,
      path: '/v1/pairings/answer',
      body: PairingTake,
      summary: 'The old device’s answer, if there is one',
      answer: PairingAnswered,
    },
    ({ body, at }) => pairings.take(body.handle, at),
  )
  const signed = { path: '/v1/records/:r/pairings/:pairing', callers: ['patient'] } as const
  signedRoute(
    site,
    { ...signed, method: 'GET', summary: 'The key of a new device that waits', answer: PairingKey },
    ({ signed, request }) => {
      recordInPath(request, signed.caller, RecordId)
      return pairings.key(signed, pathPart(request, 'pairing', Hash))
    },
  )
  signedRoute(
    site,
    {
      ...signed,
      method: 'POST',
      limit: BODY_LIMIT.small,
      body: PairingAnswer,
      summary: 'Let a new device in',
      answer: PairingAccepted,
    },
    ({ signed, body, request }) => {
      recordInPath(request, signed.caller, RecordId)
      return pairings.answer(signed, pathPart(request, 'pairing', Hash), body.sealed)
    },
  )
}
