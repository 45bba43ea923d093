/**
 * Tells a patient's open client that something came (docs/protocol/events.md): a request for access, an act that is told.
 * What it was is in the chain, with its proof; here stands only that entry's number, by which a client goes on where it was.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { type Bytes, utf8 } from '../crypto/bytes.ts'
import type { ParsedEntry } from '../log/entry.ts'
import { noticeOf } from '../log/notices.ts'
import type { Event } from '../protocol/entry.ts'
import type { RecordId } from '../protocol/ids.ts'
import { type RecordRequest, requireOwner } from './acts.ts'
import type { Context } from './context.ts'
import { Refusal } from './errors.ts'
import { requireSession } from './sessions.ts'

/** Streams open at once: of one record, and in all. */
const OF_RECORD_MAX = 4
const OPEN_MAX = 10_000
/** Without an event something is sent so often, milliseconds: who is gone is noticed, and what lies between stays open. */
const BEAT_MS = 15_000
/** Between an entry's unit and its commit, milliseconds, mostly; what takes longer is seen at the next beat. */
const SETTLE_MS = 100
/** Entries looked at in one go. */
const PAGE = 200

/** One open stream. */
class Listener {
  /** Its reader left. */
  isGone = false
  #woken = Promise.withResolvers<true>()

  wake(): void {
    this.#woken.resolve(true)
  }

  /** True once it was woken, since this was last asked; false after so many milliseconds. */
  async isWoken(withinMs: number): Promise<boolean> {
    const waited = Promise.withResolvers<false>()
    const timer = setTimeout(() => waited.resolve(false), withinMs).unref()
    const isWoken = await Promise.race([this.#woken.promise, waited.promise])
    clearTimeout(timer)
    if (isWoken) this.#woken = Promise.withResolvers()
    return isWoken
  }
}

export class Events {
  readonly #context: Context
  readonly #listeners = new Map<RecordId, Set<Listener>>()
  #open = 0
  #isOver = false

  constructor(context: Context) {
    this.#context = context
  }

  /** Wakes who listens to that record; the entry is read once it is committed. */
  onEntry({ parsed }: ParsedEntry): void {
    const { record } = parsed.link
    if (record === 'system') return
    for (const listener of this.#listeners.get(record) ?? []) listener.wake()
  }

  /** Ends every stream: the host stops, and clients come back to the next. */
  end(): void {
    this.#isOver = true
    for (const listeners of this.#listeners.values()) for (const listener of listeners) listener.wake()
  }

  /**
   * The events after the entry of that number (null: from now on), as server-sent events, until the session ends. Throws
   * `Refusal` `no-grant` (another's record), `busy` (too many are open).
   */
  async listen(
    request: RecordRequest,
    record: RecordId,
    after: number | null,
  ): Promise<{ events: AsyncIterable<Bytes> }> {
    requireOwner(request, record)
    if (this.#open >= OPEN_MAX || (this.#listeners.get(record)?.size ?? 0) >= OF_RECORD_MAX) {
      throw new Refusal('busy', 'Too many clients of this record listen already')
    }
    const newest = await this.#context.acts.look(request, tx =>
      tx.get<{ n: number }>('SELECT MAX(n) AS n FROM entries WHERE chain = @record', { record }),
    )
    const listener = new Listener()
    const events = this.#events(request, record, { after: after ?? newest?.n ?? -1, listener })
    const leave = () => {
      listener.isGone = true
      listener.wake()
      return events.return(undefined)
    }
    return { events: { [Symbol.asyncIterator]: () => ({ next: () => events.next(), return: leave }) } }
  }

  async *#events(
    request: RecordRequest,
    record: RecordId,
    { after, listener }: { readonly after: number; readonly listener: Listener },
  ): AsyncGenerator<Bytes, undefined> {
    let last = after
    const listeners = this.#listeners.get(record) ?? new Set()
    this.#listeners.set(record, listeners.add(listener))
    this.#open++
    try {
      yield utf8(': coffre\n\n')
      while (!this.#isOver && !listener.isGone && this.#isSignedIn(request, record)) {
        const entries = this.#context.store.read.all<{ n: number; event: string }>(
          'SELECT n, event FROM entries WHERE chain = @record AND n > @last ORDER BY n LIMIT @page',
          { record, last, page: PAGE },
        )
        for (const { n, event } of entries) {
          last = n
          const kind = kindOf(JSON.parse(event) as Event)
          if (kind !== null) yield utf8(`id: ${n}\nevent: ${kind}\ndata: {"n":${n}}\n\n`)
        }
        if (entries.length === PAGE) continue
        if (await listener.isWoken(BEAT_MS)) await sleep(SETTLE_MS)
        else yield utf8(':\n\n')
      }
    } finally {
      this.#open--
      listeners.delete(listener)
      if (listeners.size === 0) this.#listeners.delete(record)
    }
  }

  /** A stream keeps no session open: it ends with it. */
  #isSignedIn({ session }: RecordRequest, record: RecordId): boolean {
    const { store, clock } = this.#context
    if (session === null) return false
    try {
      requireSession(store.read, { session, recordId: record, at: clock() })
      return true
    } catch (error) {
      if (Refusal.is(error)) return false
      throw error
    }
  }
}

/** What an entry is told as; null when it is not. */
function kindOf(event: Event): 'request' | 'notice' | null {
  if (event.action === 'access.request' && event.outcome === 'ok') return 'request'
  return noticeOf(event) === null ? null : 'notice'
}
