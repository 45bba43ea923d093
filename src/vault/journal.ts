/**
 * Writes entries. Log before effect: `append` runs in the same unit of work as what it speaks of, and `Store.write`
 * resolves only when both are durable; so an act without its entry, or an answer before it, cannot be.
 */
import type { SigningKey } from '../crypto/sign.ts'
import { type ParsedEntry, parseEntry, writeEntry } from '../log/entry.ts'
import { makeReceipt } from '../log/receipt.ts'
import type { Action, Actor, ChainId, EntryLines, EventObject } from '../protocol/entry.ts'
import type { DeploymentId, Hash, Instant } from '../protocol/ids.ts'
import type { SignedRequest } from './caller.ts'
import { Refusal } from './errors.ts'
import type { Tx } from './store/store.ts'

/** Seconds for which a nonce is remembered: longer than a request's `created` may be off, both ways. */
const NONCE_SECONDS = 600

/** What is to be written. */
export interface Draft {
  readonly chain: ChainId
  readonly actor: Actor
  readonly action: Action
  readonly object: EventObject
  readonly outcome: 'ok' | 'refused'
  readonly grant: Hash | null
  readonly state: Hash | null
  /** The request that caused it; its nonce is taken. Null for the host's own acts. */
  readonly request: SignedRequest | null
}

export interface JournalOptions {
  readonly deployment: DeploymentId
  readonly hostKey: SigningKey
  readonly clock: () => Date
  /** Told of every entry, in the unit that writes it: what follows from an entry is durable with it, or not at all. */
  readonly onEntry?: (tx: Tx, entry: ParsedEntry) => void
}

/** The last entry of a chain. */
interface Head {
  readonly n: number
  readonly hash: Hash
  readonly t: Instant
}

/** What is remembered of a store between two entries: nobody else writes any. */
interface Known {
  /** Of the writing units that were undone so far. */
  readonly undone: number
  readonly heads: Map<ChainId, Head>
  /** The number of the next entry. */
  seq: number
}

/** Chains whose last entry is remembered: some megabytes. */
const HEADS = 32_768

export class Journal {
  readonly #options: JournalOptions
  readonly #known = new WeakMap<Tx, Known>()

  constructor(options: JournalOptions) {
    this.#options = options
  }

  /**
   * Appends an entry to its chain. Throws `Refusal` `nonce-replayed`, `history-missing` (the caller has seen what this
   * host does not have).
   */
  append(tx: Tx, draft: Draft): ParsedEntry {
    const { chain, actor, action, object, outcome, grant, state, request } = draft
    if (request !== null) this.takeNonce(tx, request)
    const known = this.#knownOf(tx)
    const head =
      known.heads.get(chain) ??
      tx.get<Head>('SELECT n, hash, t FROM entries WHERE chain = @chain ORDER BY n DESC LIMIT 1', { chain })
    // A clock that was set back does not take the chain with it: time never goes below the entry before.
    const now = this.#options.clock().toISOString() as Instant
    const t = head !== undefined && head.t > now ? head.t : now
    const entry = writeEntry(
      { record: chain, n: head === undefined ? 0 : head.n + 1, prev: head?.hash ?? null },
      {
        t,
        actor,
        action,
        object,
        outcome,
        grant,
        state,
        request: request && { base: request.base, signature: request.signature },
      },
    )
    const { hash, link, event } = entry
    const { n } = entry.parsed.link
    tx.run(
      'INSERT INTO entries (seq, chain, n, t, hash, link, event) VALUES (@seq, @chain, @n, @t, @hash, @link, @event)',
      { seq: known.seq, chain, n, t, hash, link, event },
    )
    known.seq++
    if (known.heads.size >= HEADS) known.heads.clear()
    known.heads.set(chain, { n, hash, t })
    this.#options.onEntry?.(tx, entry)
    return entry
  }

  /** What is still true of what was remembered: nothing, once a unit was undone. */
  #knownOf(tx: Tx): Known {
    const { undone } = tx
    let known = this.#known.get(tx)
    if (known === undefined || known.undone !== undone) {
      const last = tx.get<{ seq: number | null }>('SELECT MAX(seq) AS seq FROM entries')
      known = { undone, heads: new Map(), seq: (last?.seq ?? -1) + 1 }
      this.#known.set(tx, known)
    }
    return known
  }

  /**
   * Takes a request's nonce, and checks that this host knows what the caller has seen. For requests that make no entry;
   * `append` does it for the others. Throws as `append`.
   */
  takeNonce(tx: Tx, { keyId, nonce, seen, caller, at }: SignedRequest): void {
    const expires = Math.floor(at.getTime() / 1000) + NONCE_SECONDS
    const taken = tx.run(
      'INSERT INTO nonces (key, nonce, expires) VALUES (@keyId, @nonce, @expires) ON CONFLICT DO NOTHING',
      { keyId, nonce, expires },
    )
    if (taken === 0) throw new Refusal('nonce-replayed', 'This request was already received; sign a new one')
    const { tree, chain, receipt } = seen
    const known =
      (tree.size === 0 ||
        tx.get('SELECT 1 FROM checkpoints WHERE size = @size AND root = @root', tree) !== undefined) &&
      (receipt === undefined || tx.get('SELECT 1 FROM entries WHERE hash = @receipt', { receipt }) !== undefined) &&
      (chain === undefined ||
        (caller.kind === 'patient' &&
          tx.get('SELECT 1 FROM entries WHERE chain = @record AND n = @n AND hash = @hash', {
            record: caller.recordId,
            ...chain,
          }) !== undefined))
    if (!known) {
      throw new Refusal(
        'history-missing',
        'This host does not have what you have already seen of its log. Keep your receipts and tell an auditor',
      )
    }
  }

  /** The host's receipt for an entry; always the same for the same entry. */
  receipt(entry: ParsedEntry): Promise<string> {
    return makeReceipt(entry, this.#options)
  }

  /** The receipt of an entry already written. */
  async receiptOf(tx: Tx, hash: Hash): Promise<string> {
    const lines = tx.get<EntryLines>('SELECT link, event FROM entries WHERE hash = @hash', { hash })
    if (lines === undefined) throw new TypeError('No such entry')
    return this.receipt(parseEntry(lines))
  }
}
