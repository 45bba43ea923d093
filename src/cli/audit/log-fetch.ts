/** Reads the public files of a log over HTTPS, bounded; never redirected. */
import { get as getPlain, type RequestOptions } from 'node:http'
import { get as getSecure } from 'node:https'
import { CoffreError } from '../../crypto/errors.ts'
import type { FetchTile } from '../../log/tile-reader.ts'
import { UsageError } from '../command.ts'

/** The longest bundle of C2SP tlog-tiles and a little. */
const MOST_BYTES = 17 * 1024 * 1024
const TIMEOUT_MS = 20_000

/** The log did not answer as a log does; says nothing about what it holds. Code `log-unreachable`. */
export class Unreachable extends CoffreError {
  constructor(message: string) {
    super(message, { code: 'log-unreachable' })
  }
}

/**
 * A reader of what lies below a URL. `authority`: PEM that the server's certificate must come from. Without TLS only this
 * machine is read. Throws `UsageError`; the reader throws `Unreachable`.
 */
export function logAt(url: string, authority: string): FetchTile {
  const base = URL.parse(url.endsWith('/') ? url : `${url}/`)
  const local = base?.protocol === 'http:' && /^(127\.0\.0\.1|\[::1\]|localhost)$/.test(base.hostname)
  if (base === null || !(base.protocol === 'https:' || local))
    throw new UsageError(`${url} is not the https URL of a log`)
  return path =>
    new Promise((resolve, reject) => {
      const fail = (why: string) => reject(new Unreachable(`${new URL(path, base)}: ${why}`))
      const options: RequestOptions & { ca?: string } = local ? {} : { ca: authority }
      const request = (local ? getPlain : getSecure)(
        new URL(path, base),
        { ...options, timeout: TIMEOUT_MS, headers: { 'accept-encoding': 'identity' } },
        answer => {
          const { statusCode = 0 } = answer
          if (statusCode !== 200) {
            answer.resume()
            if (statusCode === 404) resolve(null)
            else fail(`answered ${statusCode}`)
            return
          }
          const pieces: Buffer[] = []
          let length = 0
          answer.on('data', (piece: Buffer) => {
            length += piece.length
            if (length > MOST_BYTES) answer.destroy(new Error('too long an answer'))
            else pieces.push(piece)
          })
          answer.on('end', () => resolve(new Uint8Array(Buffer.concat(pieces))))
          answer.on('error', error => fail(error.message))
        },
      )
      request.on('timeout', () => request.destroy(new Error('no answer in time')))
      request.on('error', error => fail(error.message))
    })
}
