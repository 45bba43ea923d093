/** Runs what a signed request asks in a record, so that nothing happens, is read or is refused without its entry. */
import type { ParsedEntry } from '../log/entry.ts'
import type { Action, EventObject } from '../protocol/entry.ts'
import type { Hash, RecordId } from '../protocol/ids.ts'
import type { ProblemCode } from '../protocol/problems.ts'
import { actorOf, type Patient, type Practitioner, type SignedRequest } from './caller.ts'
import { Refusal } from './errors.ts'
import type { Journal } from './journal.ts'
import type { Store, Tx } from './store/store.ts'
import type { Strangers } from './strangers.ts'

/** What is asked. */
export interface Act {
  readonly record: RecordId
  readonly action: Action
  /** Goes into the entry when the act is refused, with the reason; `Done.object` is used when it is not. */
  readonly object: EventObject
}

/** What was done, for the entry, and what is answered. */
export interface Done<T> {
  readonly object: EventObject
  readonly grant: Hash | null
  /** The state in force, or the one that this act brings into force. */
  readonly state: Hash
  readonly result: T
  /** Keeps the entry's hash beside what was done, in the same unit. */
  save?(entry: ParsedEntry): void
}

/** An act that was done, and its entry. */
export interface Performed<T> {
  readonly entry: ParsedEntry
  readonly result: T
}

export type RecordRequest = SignedRequest<Patient | Practitioner>

/** Refusals that leave no entry of their own: the request is not the caller's, or nothing can be written. */
const UNLOGGED: ReadonlySet<ProblemCode> = new Set([
  'nonce-replayed',
  'history-missing',
  'busy',
  'store-full',
  'log-unavailable',
])

export class Acts {
  readonly #store: Store
  readonly #journal: Journal
  readonly #strangers: Strangers

  constructor(store: Store, journal: Journal, strangers: Strangers) {
    this.#store = store
    this.#journal = journal
    this.#strangers = strangers
  }

  /**
   * Does `work` and its entry in one durable unit. When `work` refuses, the refusal becomes an entry of the record's
   * chain instead, and is thrown once that is durable.
   */
  perform<T>(request: RecordRequest, act: Act, work: (tx: Tx) => Done<T>): Promise<Performed<T>> {
    return this.performPrepared(request, act, { prepare: async () => undefined, work })
  }

  /** The same after `prepare`, which verifies what was signed before any unit; its refusals are logged likewise. */
  async performPrepared<P, T>(
    request: RecordRequest,
    act: Act,
    { prepare, work }: { prepare(): Promise<P>; work(tx: Tx, prepared: P): Done<T> },
  ): Promise<Performed<T>> {
    const actor = actorOf(request.caller)
    const { record: chain, action } = act
    try {
      const prepared = await prepare()
      return await this.#store.write(tx => {
        const { object, grant, state, result, save } = work(tx, prepared)
        const entry = this.#journal.append(tx, { chain, actor, action, object, outcome: 'ok', grant, state, request })
        save?.(entry)
        return { entry, result }
      })
    } catch (error) {
      if (error instanceof Refusal) await this.#refuse(request, act, error)
      throw error
    }
  }

  /** For steps that make no entry when they are allowed, and one when they are refused. */
  async attempt<T>(request: RecordRequest, act: Act, work: (tx: Tx) => T): Promise<T> {
    try {
      return await this.look(request, work)
    } catch (error) {
      if (error instanceof Refusal) await this.#refuse(request, act, error)
      throw error
    }
  }

  async #refuse(request: RecordRequest, act: Act, refusal: Refusal): Promise<void> {
    if (UNLOGGED.has(refusal.code)) {
      if (refusal.code === 'nonce-replayed') this.#strangers.note(refusal.code)
      return
    }
    const { record: chain, action } = act
    const object = { ...act.object, reason: refusal.code }
    const isLogged = await this.#store.write(tx => {
      const state = stateHash(tx, chain)
      if (state === null) {
        this.#journal.takeNonce(tx, request)
        return false
      }
      const actor = actorOf(request.caller)
      this.#journal.append(tx, { chain, actor, action, object, outcome: 'refused', grant: null, state, request })
      return true
    })
    if (!isLogged) this.#strangers.note(refusal.code)
  }

  /** For signed requests that make no entry: takes the nonce, checks what was seen, then reads. */
  async look<T>(request: SignedRequest, work: (tx: Tx) => T): Promise<T> {
    return this.#store.write(tx => {
      this.#journal.takeNonce(tx, request)
      return work(tx)
    })
  }

  receipt(entry: ParsedEntry): Promise<string> {
    return this.#journal.receipt(entry)
  }
}

/** Hash of the state in force; null when there is no such record. */
export function stateHash(tx: Tx, record: RecordId): Hash | null {
  const row = tx.get<{ hash: Hash }>('SELECT hash FROM states WHERE record = @record ORDER BY seq DESC LIMIT 1', {
    record,
  })
  return row?.hash ?? null
}

/** Throws `Refusal` `record-unknown` unless the record exists. */
export function requireState(tx: Tx, record: RecordId): Hash {
  const hash = stateHash(tx, record)
  if (hash === null) throw new Refusal('record-unknown', 'There is no such record here')
  return hash
}

/** Throws `Refusal` `no-grant` unless the patient asks about the own record. */
export function requireOwner(request: RecordRequest, record: RecordId): asserts request is SignedRequest<Patient> {
  const { caller } = request
  if (caller.kind !== 'patient' || caller.recordId !== record) {
    throw new Refusal('no-grant', 'Only the patient may do that')
  }
}
