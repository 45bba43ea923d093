import type { Response } from 'express'
import { Hash } from '../protocol/ids.ts'
import { EntryLeaf } from '../protocol/messages.ts'
import { Refusal } from '../vault/errors.ts'
import { limitRate, type RateLimiter } from './rates.ts'
import { pathPart, publicRoute, type Site } from './route.ts'

/** A path below `/log/` that can name a tile: C2SP tlog-tiles, checked again by the vault. */
const TILE_PATH = /^tile\/(?:\d{1,2}|entries)(?:\/x\d{3}){0,6}\/\d{3}(?:\.p\/\d{1,3})?$/

/** The public log as C2SP tlog-tiles, and where an entry stands in it. */
export function logRoutes(site: Site, limiter: RateLimiter): void {
  const { vault } = site.context
  const before = limitRate(limiter)

  publicRoute(
    site,
    {
      method: 'GET',
      path: '/log/checkpoint',
      before,
      summary: 'The newest checkpoint of the log, a signed note (C2SP tlog-checkpoint)',
      answer: 'text/plain; charset=utf-8',
    },
    async ({ response }) => {
      const note = await vault.log.file('checkpoint')
      if (note === null) throw new Refusal('no-such-route', 'There is no checkpoint yet; try again in a second')
      // The newest one each time: an old checkpoint is how somebody would be kept in the past.
      send(response, note, { type: 'text/plain; charset=utf-8', cache: 'no-cache' })
      return undefined
    },
  )

  publicRoute(
    site,
    {
      method: 'GET',
      path: '/log/tile/*path',
      before,
      summary: 'A tile of the log (C2SP tlog-tiles); its path has slashes',
      answer: 'application/octet-stream',
    },
    async ({ request, response }) => {
      const parts = request.params.path as unknown as string[]
      const path = `tile/${parts.join('/')}`
      const tile = TILE_PATH.test(path) ? await vault.log.file(path) : null
      if (tile === null) throw new Refusal('no-such-route', 'There is no such tile')
      send(response, tile, { type: 'application/octet-stream', cache: 'public, max-age=31536000, immutable' })
      return undefined
    },
  )

  publicRoute(
    site,
    {
      method: 'GET',
      path: '/v1/entries/:hash',
      before,
      summary: 'Where an entry stands in the tree',
      answer: EntryLeaf,
    },
    ({ request }) => vault.log.leafOf(pathPart(request, 'hash', Hash)),
  )
}

function send(response: Response, bytes: Uint8Array, { type, cache }: { type: string; cache: string }): void {
  response.setHeader('content-type', type)
  response.setHeader('cache-control', cache)
  response.setHeader('content-length', bytes.length)
  response.end(bytes)
}
