import { z } from 'zod'
import { fromBase64url, toBase64url } from '../crypto/bytes.ts'
import { VerifyKey } from '../crypto/sign.ts'
import { parseStatement, statementHash } from '../crypto/statement.ts'
import { CompartmentId, RecordId } from '../protocol/ids.ts'
import {
  ChainPage,
  Closed,
  EpochLinks,
  Receipted,
  RecordOpened,
  RecordOpening,
  RecordState,
  StateChange,
} from '../protocol/messages.ts'
import { Identity } from '../protocol/statements.ts'
import { IdentityVersions } from '../protocol/succession.ts'
import { Nothing, parseAs, parseJson } from './body.ts'
import { BODY_LIMIT } from './limits.ts'
import { pathPart, queryOf, recordInPath, type Site, signedRoute } from './route.ts'
import { fromBody, type Resolved, statementHashText } from './signed.ts'

/** `?after=`: the number of the last entry known, -1 for none. */
const ChainQuery = z.strictObject({
  after: z
    .string()
    .regex(/^(-1|0|[1-9]\d{0,11})$/)
    .transform(Number),
})

/** A record as its patient opens, reads and changes it. */
export function recordRoutes(site: Site): void {
  const { vault } = site.context
  signedRoute(
    site,
    {
      method: 'POST',
      path: '/v1/records',
      callers: ['patient'],
      session: false,
      limit: BODY_LIMIT.record,
      body: RecordOpening,
      keyInBody: keyOfIdentity,
      summary: 'Open a record',
      answer: RecordOpened,
    },
    ({ signed, body }) => vault.records.open(signed, body),
  )
  signedRoute(
    site,
    {
      method: 'GET',
      path: '/v1/records/:r/state',
      callers: ['patient'],
      summary: 'What holds now, with everything that it names',
      answer: RecordState,
    },
    ({ signed, request }) => vault.states.view(signed, recordInPath(request, signed.caller, RecordId)),
  )
  signedRoute(
    site,
    {
      method: 'POST',
      path: '/v1/records/:r/states',
      callers: ['patient'],
      limit: BODY_LIMIT.states,
      body: StateChange,
      summary: 'Bring the next state into force',
      answer: Receipted,
    },
    ({ signed, body, request }) => vault.states.change(signed, recordInPath(request, signed.caller, RecordId), body),
  )
  const closes = { method: 'POST', callers: ['patient'], limit: BODY_LIMIT.small, body: Nothing } as const
  signedRoute(
    site,
    { ...closes, path: '/v1/records/:r/close', summary: 'Let nobody in any more but the patient', answer: Closed },
    ({ signed, request }) => vault.closings.close(signed, recordInPath(request, signed.caller, RecordId)),
  )
  signedRoute(
    site,
    { ...closes, path: '/v1/records/:r/reopen', summary: 'Open a closed record again', answer: Receipted },
    ({ signed, request }) => vault.closings.reopen(signed, recordInPath(request, signed.caller, RecordId)),
  )
  signedRoute(
    site,
    {
      method: 'GET',
      path: '/v1/records/:r/chain',
      callers: ['patient'],
      query: ChainQuery,
      summary: "Entries of the record's chain after the one named",
      answer: ChainPage,
    },
    ({ signed, request }) => {
      const { after } = queryOf(request, ChainQuery)
      return vault.log.page(signed, recordInPath(request, signed.caller, RecordId), after)
    },
  )
}

/** The patient's way to an epoch's links, and a professional's: the same answer by the same route on both listeners. */
export function epochRoute(site: Site): void {
  const callers = site.listener === 'patients' ? (['patient'] as const) : (['professional', 'establishment'] as const)
  signedRoute(
    site,
    {
      method: 'GET',
      path: '/v1/records/:r/epochs/:compartment',
      callers,
      summary: "A compartment's epochs, each linked to the one before",
      answer: EpochLinks,
    },
    ({ signed, request }) =>
      site.context.vault.access.epochs(
        signed,
        recordInPath(request, signed.caller, RecordId),
        pathPart(request, 'compartment', CompartmentId),
      ),
  )
}

/** Every identity of a record, to its patient and to whoever has a grant: the same on both listeners. */
export function identityRoute(site: Site): void {
  const { access } = site.context.vault
  const callers = site.listener === 'patients' ? (['patient'] as const) : (['professional', 'establishment'] as const)
  signedRoute(
    site,
    {
      method: 'GET',
      path: '/v1/records/:r/identities',
      callers,
      summary: 'Every identity the record ever had, the first one first',
      answer: IdentityVersions,
    },
    ({ signed, request }) => access.identities(signed, recordInPath(request, signed.caller, RecordId)),
  )
}

/** The key of the identity that opens a record, for checking the request's signature; the rest is the vault's to check. */
function keyOfIdentity(bytes: Uint8Array, keyId: string): Resolved {
  const { identity } = parseJson(bytes, RecordOpening)
  return fromBody(() => {
    const { signKey } = parseAs(parseStatement(identity).payload, Identity, 'identity')
    const hash = statementHashText(identity)
    // docs/protocol/identity.md: the record id is the first 16 bytes of the first identity statement's hash.
    const recordId = toBase64url(statementHash(identity).subarray(0, 16)) as RecordId
    return {
      keyId: `identity:${hash}`,
      caller: { kind: 'patient', recordId, identity: hash },
      verifyKey: VerifyKey.parse(fromBase64url(signKey)),
    }
  }, keyId)
}
