import { fromBase64url, fromUtf8 } from '../../crypto/bytes.ts'
import { parseBase, verifyBase } from '../../crypto/httpsig.ts'
import type { VerifyKey } from '../../crypto/sign.ts'
import type { Action, ChainId, Event } from '../../protocol/entry.ts'
import type { Hash } from '../../protocol/ids.ts'
import { entryHash } from '../entry.ts'
import { parseSeen, type Seen } from '../seen.ts'
import { asksFor } from './asked.ts'
import { type Case, type Examined, type Soon, soon } from './case.ts'
import { type AskedRequest, QuickRequest } from './quick-request.ts'
import { Recent } from './recent.ts'

/** How far a request's own time may be from its entry's, milliseconds. */
const APART_MS = 5 * 60_000
/** For so long nonces are remembered, milliseconds of entries' time: a request signed earlier is too old by itself. */
export const NONCE_MS = 3 * APART_MS

/** Acts without a signed request: the host's own, strangers', and what OPAQUE authenticates. */
const UNSIGNED: ReadonlySet<Action> = new Set([
  'session.fail',
  'registration.import',
  'host.start',
  'host.stop',
  'portal.build',
  'host.operate',
  'strangers.refused',
  'log.erase',
  'record.destroy',
])

/** With what an act's request must be signed. */
export interface Signer {
  readonly keyId: string
  /** Null when the key is not known: then its signature is not looked at (that it is not known was found already). */
  readonly key: VerifyKey | null
}

export interface RequestOptions {
  readonly signatures: boolean
  readonly resumeAt: number
}

/** An entry that a key's holder made. */
interface OwnEntry {
  record: ChainId
  n: number
  hash: Hash
}

/** Roots of checkpoints that are kept at hand: many callers have seen the same. */
const AT_HAND = 1024

/** The signed requests behind the entries. */
export class Requests {
  readonly #case: Case
  readonly #options: RequestOptions
  /** The last own entry of each key: what its holder is most likely to have seen last. */
  readonly #own = new Map<string, OwnEntry>()
  readonly #checkpoints = new Map<number, string | null>()
  readonly #persons = new Recent<string, string>(AT_HAND)

  constructor(audited: Case, options: RequestOptions) {
    this.#case = audited
    this.#options = options
  }

  /** Does this act need a signed request? */
  needed(action: Action): boolean {
    return !UNSIGNED.has(action)
  }

  /** Checks the request behind an entry; gives what it says, null when it says nothing that can be read. */
  check(at: Examined, signer: Signer): Soon<AskedRequest | null> {
    const { event, link } = at.entry.parsed
    if (event.request === null) {
      if (this.needed(event.action)) this.#case.found('request-missing', 'An act without a signed request', at)
      return null
    }
    const request = at.asked?.request ?? this.#parsed(at, event.request)
    if (request === null) return null
    if (request.keyId !== signer.keyId) {
      this.#case.found('request-signature', `The request names the key ${request.keyId}, not ${signer.keyId}`, at)
    } else if (signer.key !== null && this.#options.signatures && at.seq >= this.#options.resumeAt) {
      const good = this.#case.attemptNow('request-signature', at, 'The request’s signature', () =>
        isSignedBy(signer.key as VerifyKey, event.request as SignedBase),
      )
      if (good === false) this.#case.found('request-signature', 'The request’s signature does not verify', at)
    }
    const isAskedFor =
      request instanceof QuickRequest ? request.asksFor(event, link.record) : asksFor(request, event, link.record)
    if (!isAskedFor) {
      const message = `“${request.method} ${request.path}” was asked for, and ${event.action} is said to be done`
      this.#case.found('request-mismatch', message, at)
    }
    this.#acting(at, event, request)
    this.#time(at, event, request)
    return soon(this.#seen(at, request), () => {
      this.#keep(at, request.keyId)
      return request
    })
  }

  #parsed(at: Examined, { base }: { readonly base: string }): (AskedRequest & { readonly seen: string }) | null {
    return this.#case.attemptNow('request-form', at, 'A signed request', () => parseBase(base))
  }

  #acting(at: Examined, { actor }: Event, { acting }: AskedRequest): void {
    if (actor.kind !== 'establishment' && acting === undefined) return
    const said = actor.kind === 'establishment' ? canonical(actor.acting) : null
    if (said === (acting === undefined ? null : this.#signedFor(acting))) return
    this.#case.found('request-mismatch', 'The person acting is not the one that was signed for', at)
  }

  /** The person that a header names: the same ones, again and again. */
  #signedFor(header: string): string {
    let person = this.#persons.get(header)
    if (person === undefined) {
      person = canonicalHeader(header)
      this.#persons.set(header, person)
    }
    return person
  }

  #time(at: Examined, { t }: Event, { created }: AskedRequest): void {
    if (Math.abs(at.t - created * 1000) > APART_MS) {
      this.#case.found('request-time', `Signed at ${new Date(created * 1000).toISOString()}, entered at ${t}`, at)
    }
  }

  /** What the caller had seen is what was there: an entry of this chain, a tree of this log, before this entry. */
  #seen(at: Examined, request: AskedRequest & { readonly seen?: string }): Promise<void> | undefined {
    const seen =
      at.asked?.seen ??
      this.#case.attemptNow('request-form', at, 'What was seen', () => parseSeen(String(request.seen)))
    if (seen === null) return
    const { tree, chain, receipt } = seen
    const atHand =
      (tree.size === 0 || (tree.size <= at.seq && this.#checkpoints.get(tree.size) === tree.root)) &&
      (chain === undefined || this.#isHead(at, chain) || this.#isOwn(at, request, chain)) &&
      (receipt === undefined || this.#isReceiptAtHand(at, request, receipt))
    return atHand ? undefined : this.#lookUp(at, request, seen)
  }

  async #lookUp(at: Examined, request: AskedRequest, seen: Seen): Promise<void> {
    const { source } = this.#case
    const { tree, chain, receipt } = seen
    const broken = (message: string) => this.#case.found('seen-broken', message, at, { seen })
    if (tree.size > 0) {
      const root = tree.size <= at.seq ? await this.#rootOf(tree.size) : null
      if (root !== tree.root) broken(`Who signed had seen a tree of ${tree.size} entries that is not this one`)
    }
    if (chain !== undefined && !this.#isHead(at, chain) && !this.#isOwn(at, request, chain)) {
      const known = await source.entryAt(at.entry.parsed.link.record, chain.n)
      const same = known !== null && known.seq < at.seq && entryHash(known) === chain.hash
      if (!same) broken(`Who signed had seen another entry ${chain.n} of this chain`)
    }
    if (receipt !== undefined && !this.#isReceiptAtHand(at, request, receipt)) {
      const known = await source.entryByHash(receipt)
      const same = known !== null && known.seq < at.seq && entryHash(known) === receipt
      if (!same) broken('Who signed holds a receipt of an entry that is not here')
    }
  }

  #keep({ entry }: Examined, keyId: string): void {
    const { hash, parsed } = entry
    const { record, n } = parsed.link
    const own = this.#own.get(keyId)
    if (own === undefined) this.#own.set(keyId, { record, n, hash })
    else {
      own.record = record
      own.n = n
      own.hash = hash
    }
  }

  /** The key's own last entry, or one of another part that was passed over: its holder acts in records of both. */
  #isReceiptAtHand({ seq }: Examined, { keyId }: AskedRequest, receipt: Hash): boolean {
    return this.#own.get(keyId)?.hash === receipt || this.#case.source.hasPassed?.(receipt, seq) === true
  }

  /** The key's own last entry, in this chain. */
  #isOwn(at: Examined, { keyId }: AskedRequest, { n, hash }: Pick<OwnEntry, 'n' | 'hash'>): boolean {
    const own = this.#own.get(keyId)
    return own !== undefined && own.hash === hash && own.n === n && own.record === at.entry.parsed.link.record
  }

  /** The entry just before this one in its chain. */
  #isHead(at: Examined, { n, hash }: { readonly n: number; readonly hash: Hash }): boolean {
    const { link } = at.entry.parsed
    return n === link.n - 1 && hash === link.prev
  }

  async #rootOf(size: number): Promise<string | null> {
    let root = this.#checkpoints.get(size)
    if (root === undefined) {
      root = (await this.#case.source.checkpointOf(size))?.root ?? null
      if (this.#checkpoints.size >= AT_HAND) this.#checkpoints.clear()
      this.#checkpoints.set(size, root)
    }
    return root
  }
}

type SignedBase = NonNullable<Event['request']>

function isSignedBy(key: VerifyKey, request: SignedBase): boolean {
  if (request instanceof QuickRequest) return request.isSignedBy(key)
  return verifyBase(request.base, fromBase64url(request.signature), key)
}

function canonicalHeader(header: string): string {
  try {
    return canonical(JSON.parse(fromUtf8(fromBase64url(header))))
  } catch {
    return 'unreadable'
  }
}

/** Members in one order: the same person, however the establishment wrote it. */
function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null) return 'unreadable'
  return JSON.stringify(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}
