import type { TLSSocket } from 'node:tls'
import { fromBase64url } from '../crypto/bytes.ts'
import { VerifyKey } from '../crypto/sign.ts'
import { parseStatement } from '../crypto/statement.ts'
import { KeyPublish, KeyPublished, KeyVersions, KeyWithdraw, PublishedKey } from '../protocol/directory.ts'
import { Hash, NationalId } from '../protocol/ids.ts'
import { KeyStatement } from '../protocol/statements.ts'
import { parseAs, parseJson } from './body.ts'
import { BODY_LIMIT } from './limits.ts'
import { limitRate, type RateLimiter } from './rates.ts'
import { pathPart, publicRoute, type Site, signedRoute } from './route.ts'
import { fromBody, type Resolved, statementHashText } from './signed.ts'

/** Key statements: anybody reads them, a card holder publishes the own. */
export function directoryReadRoutes(site: Site, limiter: RateLimiter): void {
  const { vault } = site.context
  const before = limitRate(limiter)
  publicRoute(
    site,
    {
      method: 'GET',
      path: '/v1/keys/:hash',
      before,
      summary: 'A key statement, with the revocation lists of its card',
      answer: PublishedKey,
    },
    ({ request }) => vault.directory.byHash(pathPart(request, 'hash', Hash)),
  )
  publicRoute(
    site,
    {
      method: 'GET',
      path: '/v1/professionals/:nationalId',
      before,
      summary: "A holder's newest key statement",
      answer: PublishedKey,
    },
    ({ request }) => vault.directory.byNationalId(pathPart(request, 'nationalId', NationalId)),
  )
  publicRoute(
    site,
    {
      method: 'GET',
      path: '/v1/professionals/:nationalId/versions',
      before,
      summary: 'Every key statement a holder ever published',
      answer: KeyVersions,
    },
    async ({ request }): Promise<KeyVersions> => {
      const versions = await vault.directory.versions(pathPart(request, 'nationalId', NationalId))
      const leaves = await Promise.all(versions.map(({ entry }) => vault.log.leafOf(entry)))
      const placed = versions.map((version, i) => ({ ...version, leaf: leaves[i]?.leaf ?? null }))
      return { versions: placed, crls: await vault.directory.lists() }
    },
  )
}

/** Publishing: signed by the very key that the statement brings; the card of the connection must be its holder's. */
export function keyRoutes(site: Site): void {
  const { vault, cards } = site.context
  const rule = { callers: ['professional', 'establishment'], keyInBody: keyOfKeyStatement } as const
  signedRoute(
    site,
    {
      method: 'POST',
      path: '/v1/keys',
      ...rule,
      limit: BODY_LIMIT.statements,
      body: KeyPublish,
      summary: "Publish the working key that the connection's card signed",
      answer: KeyPublished,
    },
    async ({ signed, body, request }) => {
      const { kind, id } = await cards.holderOf(request.socket as TLSSocket)
      return vault.directory.publish(signed, body, { kind, id })
    },
  )
  signedRoute(
    site,
    {
      method: 'POST',
      path: '/v1/keys/withdrawals',
      callers: rule.callers,
      limit: BODY_LIMIT.statements,
      body: KeyWithdraw,
      summary: 'Take back a working key; signed by a card of its holder',
      answer: KeyPublished,
    },
    async ({ signed, body, request }) => {
      const { kind, id } = await cards.holderOf(request.socket as TLSSocket)
      return vault.directory.withdraw(signed, body, { kind, id })
    },
  )
}

/** The key that a key statement names, for checking the request's signature; the statement itself is the vault's to check. */
function keyOfKeyStatement(bytes: Uint8Array, keyId: string): Resolved {
  const { statement } = parseJson(bytes, KeyPublish)
  return fromBody(() => {
    const { kind, nationalId, signKey } = parseAs(parseStatement(statement).payload, KeyStatement, 'statement')
    const key = statementHashText(statement)
    const caller = { kind, id: nationalId, key, acting: null }
    return { keyId: `key:${key}`, caller, verifyKey: VerifyKey.parse(fromBase64url(signKey)) }
  }, keyId)
}
