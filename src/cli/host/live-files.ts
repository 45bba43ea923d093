/**
 * What an operator replaces while the host runs: the server's certificate and key, the card authorities of the anchors, the
 * revocation lists. Each is read again every minute, and at once on SIGHUP; one that cannot be read, or does not fit, leaves
 * the last. Open connections stay.
 */
import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import type { ServerTls } from '../../api/listeners.ts'
import type { Log } from '../../api/logging.ts'
import { CoffreError } from '../../crypto/errors.ts'
import { type Certificate, type Crl, parseCertificate } from '../../crypto/x509.ts'
import type { Anchors } from '../../protocol/anchors.ts'
import { type HostConfig, HostConfigError, pemBlocks, readAnchors, readCrls, readSecret } from './config.ts'

/** How often they are read, milliseconds. */
const EVERY_MS = 60_000

/** What is in force now. */
export interface LiveTrust {
  readonly anchors: Anchors
  readonly cardAuthorities: readonly Certificate[]
  readonly tls: ServerTls
  readonly crls: readonly Crl[]
}

export class LiveFiles {
  readonly #config: HostConfig
  readonly #log: Log
  readonly #timer: NodeJS.Timeout
  #trust: LiveTrust

  /** Throws `HostConfigError` on files that cannot be read. */
  constructor(config: HostConfig, log: Log) {
    this.#config = config
    this.#log = log
    const { anchors } = config
    this.#trust = { ...withAuthorities(anchors), tls: readTls(config), crls: readCrls(config.crls) }
    this.#timer = setInterval(() => this.reload(), EVERY_MS)
    this.#timer.unref()
  }

  get current(): LiveTrust {
    return this.#trust
  }

  /** Told after a reading that changed something. */
  onChange: () => void = () => {}

  /** Reads everything again. Never throws. */
  reload(): void {
    const before = this.#trust
    this.#read('server certificate', () => {
      const tls = readTls(this.#config)
      const isSame = tls.certificate === before.tls.certificate && tls.key === before.tls.key
      if (!isSame) this.#trust = { ...this.#trust, tls }
    })
    this.#read('anchors', () => {
      const anchors = readAnchors(this.#config.anchorsFile)
      if (!isOtherwiseSame(anchors, before.anchors)) {
        throw new HostConfigError(
          'Of the anchors only the card authorities change while the host runs: start it again',
          {
            code: 'anchors-other',
          },
        )
      }
      if (anchors.cardAuthorities.join() === before.anchors.cardAuthorities.join()) return
      this.#trust = { ...this.#trust, ...withAuthorities(anchors) }
    })
    this.#read('revocation lists', () => {
      const crls = readCrls(this.#config.crls)
      if (!sameLists(crls, before.crls)) this.#trust = { ...this.#trust, crls }
    })
    if (this.#trust !== before) this.onChange()
  }

  #read(what: string, read: () => void): void {
    try {
      read()
    } catch (error) {
      this.#log.error({ code: CoffreError.is(error) ? error.code : 'host-config' }, `${what} not read`)
    }
  }

  stop(): void {
    clearInterval(this.#timer)
  }
}

function withAuthorities(anchors: Anchors): Pick<LiveTrust, 'anchors' | 'cardAuthorities'> {
  const authorities = anchors.cardAuthorities.flatMap(pem => pemBlocks(pem, 'CERTIFICATE').map(parseCertificate))
  return { anchors, cardAuthorities: authorities }
}

/** Certificate and key, of one another. Throws `HostConfigError` `host-key`, `host-tls`. */
function readTls({ tls }: HostConfig): ServerTls {
  const key = readSecret(tls.key)
  try {
    const certificate = readFileSync(tls.certificate, 'utf8')
    createSecureContext({ cert: certificate, key })
    return { certificate, key }
  } catch (cause) {
    throw new HostConfigError(`${tls.certificate} and ${tls.key} are not a certificate and its key`, {
      code: 'host-tls',
      cause,
    })
  }
}

const sameLists = (some: readonly Crl[], others: readonly Crl[]): boolean =>
  some.length === others.length &&
  some.every(({ der }, i) => Buffer.from(der).equals(others[i]?.der ?? new Uint8Array()))

function isOtherwiseSame(some: Anchors, other: Anchors): boolean {
  const rest = ({ cardAuthorities: _, ...anchors }: Anchors) => JSON.stringify(anchors)
  return rest(some) === rest(other)
}
