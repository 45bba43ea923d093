/**
 * Fetches the card authorities' revocation lists before the old ones end, into the folder that the host reads. A list is
 * signed, so it may come over plain HTTP; who may sign it is decided where a card is checked. Nobody on the way can take a
 * revocation back: a fetched list stays beside those fetched before, until its own next update, and a card that any list in
 * force names is refused. What does not come leaves the last ones, which are refused once they are too old.
 */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Log } from '../../api/logging.ts'
import { type Crl, parseCrl } from '../../crypto/x509.ts'
import { pemBlocks } from './config.ts'

/** How often each address is asked, milliseconds. */
const EVERY_MS = 60 * 60_000
/** After a try that failed, milliseconds. */
const AGAIN_MS = 5 * 60_000
/** A whole answer comes within, milliseconds. */
const TIMEOUT_MS = 30_000
/** Longest list taken, bytes: hundreds of thousands of cards. */
const MOST_BYTES = 32 * 1024 * 1024
/** Lists of one address kept at once; more in force at a time is no authority's doing. */
const KEPT = 8
/** A list that ends within so long is worth an alarm, milliseconds. */
const SOON_MS = 24 * 60 * 60_000

export interface ListFetchOptions {
  readonly urls: readonly string[]
  readonly folder: string
  readonly clock: () => Date
  readonly log: Log
  /** Told when something new is in the folder. */
  readonly onFetched: () => void
}

export class ListFetch {
  readonly #options: ListFetchOptions
  readonly #timers = new Set<NodeJS.Timeout>()
  readonly #closing = new AbortController()
  #running: Promise<unknown>
  /** Resolves once each address was asked the first time. */
  readonly asked: Promise<unknown>

  constructor(options: ListFetchOptions) {
    this.#options = options
    this.asked = Promise.all(options.urls.map(url => this.#ask(url)))
    this.#running = this.asked
  }

  async stop(): Promise<void> {
    this.#closing.abort()
    for (const timer of this.#timers) clearTimeout(timer)
    await this.#running
  }

  #later(url: string, delayMs: number): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      this.#running = Promise.all([this.#running, this.#ask(url)])
    }, delayMs)
    timer.unref()
    this.#timers.add(timer)
  }

  async #ask(url: string): Promise<void> {
    const { log, clock, folder, onFetched } = this.#options
    // The address's place, not the address: it may hold a customer's number.
    const list = this.#options.urls.indexOf(url)
    let next = EVERY_MS
    try {
      const crl = parseCrl(derOf(await fetched(url, this.#closing.signal)))
      if (this.#keep(url, crl)) onFetched()
    } catch (error) {
      if (this.#closing.signal.aborted) return
      next = AGAIN_MS
      log.warn({ list, code: codeOf(error) }, 'revocation list not fetched')
    }
    const ends = newestEnd(folder, prefixOf(url))
    if (ends !== null && ends - clock().getTime() < SOON_MS) log.error({ list }, 'revocation list ends within a day')
    if (!this.#closing.signal.aborted) this.#later(url, next)
  }

  /** False when it is there already. Throws when the list has ended, or too many of this address are in force. */
  #keep(url: string, crl: Crl): boolean {
    const { folder, clock } = this.#options
    const now = clock().getTime()
    const prefix = prefixOf(url)
    const name = `${prefix}${createHash('sha256').update(crl.der).digest('hex').slice(0, 16)}.crl`
    if (crl.nextUpdate.getTime() <= now) throw refused('list-ended')
    const names = fetchedNames(folder, prefix)
    if (names.includes(name)) return false
    const kept = names.filter(each => endOf(join(folder, each)) > now)
    for (const each of names) if (!kept.includes(each)) rmSync(join(folder, each), { force: true })
    if (kept.length >= KEPT) throw refused('too-many-lists')
    const beside = join(folder, `${name}.new`)
    writeFileSync(beside, crl.der, { mode: 0o644 })
    renameSync(beside, join(folder, name))
    return true
  }
}

/** Files that this fetches begin so; others in the folder are the operator's, and are left alone. */
const prefixOf = (url: string): string => `fetched-${createHash('sha256').update(url).digest('hex').slice(0, 16)}-`

const fetchedNames = (folder: string, prefix: string): string[] =>
  readdirSync(folder).filter(name => name.startsWith(prefix) && name.endsWith('.crl'))

/** When a kept list ends, POSIX milliseconds; 0 for one that cannot be read. */
function endOf(path: string): number {
  try {
    return parseCrl(new Uint8Array(readFileSync(path))).nextUpdate.getTime()
  } catch {
    return 0
  }
}

function newestEnd(folder: string, prefix: string): number | null {
  const ends = fetchedNames(folder, prefix).map(name => endOf(join(folder, name)))
  return ends.length === 0 ? null : Math.max(...ends)
}

async function fetched(url: string, closing: AbortSignal): Promise<Buffer> {
  const signal = AbortSignal.any([closing, AbortSignal.timeout(TIMEOUT_MS)])
  const answer = await fetch(url, { signal, redirect: 'error' })
  if (!answer.ok || answer.body === null) throw refused(`http-${answer.status}`)
  const pieces: Uint8Array[] = []
  let length = 0
  for await (const piece of answer.body) {
    length += piece.length
    if (length > MOST_BYTES) throw refused('list-too-long')
    pieces.push(piece)
  }
  return Buffer.concat(pieces)
}

/** Authorities serve DER; some PEM. */
function derOf(bytes: Buffer): Uint8Array {
  const [pem] =
    bytes.subarray(0, 10).toString('latin1') === '-----BEGIN' ? pemBlocks(bytes.toString('latin1'), 'X509 CRL') : []
  return pem ?? new Uint8Array(bytes)
}

const refused = (code: string): Error => Object.assign(new Error(code), { code })

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  if ('code' in error && typeof error.code === 'string') return error.code
  return error.cause === undefined ? error.name : codeOf(error.cause)
}
