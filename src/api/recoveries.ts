import { Hash, RecordId } from '../protocol/ids.ts'
import { Receipted } from '../protocol/messages.ts'
import {
  IdentityChange,
  IdentityPapers,
  IdentityProposal,
  IdentityProposed,
  ProposedIdentities,
  RecoveredState,
  RecoveryStart,
} from '../protocol/succession.ts'
import { Nothing } from './body.ts'
import { BODY_LIMIT } from './limits.ts'
import { pathPart, recordInPath, type Site, signedRoute } from './route.ts'

/** Re-opening by a new letter: who holds it proposes an identity, which later comes into force. */
export function proposalRoutes(site: Site): void {
  const { recoveries } = site.context.vault
  const callers = ['code'] as const
  signedRoute(
    site,
    {
      method: 'POST',
      path: '/v1/recoveries/record',
      callers,
      limit: BODY_LIMIT.small,
      body: Nothing,
      summary: 'Whom the identity made with a new opening letter will follow',
      answer: IdentityPapers,
    },
    ({ signed }) => recoveries.papers(signed),
  )
  signedRoute(
    site,
    {
      method: 'POST',
      path: '/v1/recoveries',
      callers,
      limit: BODY_LIMIT.statements,
      body: IdentityProposal,
      summary: 'Propose the identity that shall follow the one in force',
      answer: IdentityProposed,
    },
    ({ signed, body }) => recoveries.propose(signed, body),
  )
  signedRoute(
    site,
    {
      method: 'GET',
      path: '/v1/records/:r/recovered',
      callers: ['candidate'],
      summary: 'What holds, and what was given back, to a new identity that has waited its 72 hours',
      answer: RecoveredState,
    },
    ({ signed, request }) => {
      recordInPath(request, signed.caller, RecordId)
      return recoveries.recovered(signed)
    },
  )
  signedRoute(
    site,
    {
      method: 'POST',
      path: '/v1/records/:r/identity',
      callers: ['candidate'],
      limit: BODY_LIMIT.record,
      body: IdentityChange,
      summary: 'Bring a new identity into force',
      answer: Receipted,
    },
    ({ signed, body, request }) => {
      recordInPath(request, signed.caller, RecordId)
      return recoveries.change(signed, body)
    },
  )
}

/** The patient's way to stop a new identity. */
export function recoveryStopRoute(site: Site): void {
  signedRoute(
    site,
    {
      method: 'POST',
      path: '/v1/records/:r/recoveries/:identity/stop',
      callers: ['patient'],
      limit: BODY_LIMIT.small,
      body: Nothing,
      summary: 'Stop an identity that was proposed to follow the one in force',
      answer: Receipted,
    },
    ({ signed, request }) =>
      site.context.vault.recoveries.stop(
        signed,
        recordInPath(request, signed.caller, RecordId),
        pathPart(request, 'identity', Hash),
      ),
  )
}

/** A professional's word for a new identity. */
export function recoveryStartRoute(site: Site): void {
  signedRoute(
    site,
    {
      method: 'POST',
      path: '/v1/records/:r/recoveries',
      callers: ['professional'],
      limit: BODY_LIMIT.record,
      body: RecoveryStart,
      summary: 'Vouch for a new identity and give back what the own grant opens',
      answer: Receipted,
    },
    ({ signed, body, request }) =>
      site.context.vault.recoveries.start(signed, recordInPath(request, signed.caller, RecordId), body),
  )
}

/** What waits to follow the identity in force: the same on both listeners. */
export function proposedRoute(site: Site): void {
  const callers = site.listener === 'patients' ? (['patient'] as const) : (['professional', 'establishment'] as const)
  signedRoute(
    site,
    {
      method: 'GET',
      path: '/v1/records/:r/recoveries',
      callers,
      summary: 'Identities that were proposed and are not in force',
      answer: ProposedIdentities,
    },
    ({ signed, request }) => site.context.vault.recoveries.list(signed, recordInPath(request, signed.caller, RecordId)),
  )
}
