import type { CompartmentId, DocumentId, Hash, RecordId } from '../../protocol/ids.ts'
import type { Deposit, Grant, Identity, Placement, Recovery } from '../../protocol/statements.ts'
import { listHash } from '../list.ts'
import type { StateInForce } from '../state-in-force.ts'
import type { Verified } from '../verified.ts'

/** What is kept of a verified placement. */
export type LaidPlacement = Pick<Placement, 'from' | 'envelope'> & { readonly hash: Hash }

/** What is kept of a verified deposit. */
export type LaidDeposit = Pick<Deposit, 'manifest' | 'envelope' | 'bodyRoot' | 'bodyLength'> & { readonly hash: Hash }

/** A document as the log says it lies. */
export interface LaidDocument {
  readonly id: DocumentId
  /** Number of the deposit's entry: lists are in this order. */
  readonly seq: number
  /** Null when the statement is not to be believed. */
  readonly deposit: LaidDeposit | null
  /** Where it was deposited. */
  readonly first: CompartmentId
  compartment: CompartmentId
  /** Kind and national id of who deposited it. */
  readonly author: string
  /** Its author took it out of professionals' sight. */
  withdrawn: boolean
  /** Null when it lies where it was deposited. */
  placement: LaidPlacement | null
}

/** A recovery that was entered. */
export interface EnteredRecovery {
  readonly recovery: Verified<Recovery>
  /** Its entry's own time, milliseconds: witnesses bound it on both sides (`clock-set-back`, `clock-ahead`). */
  readonly startedAt: number
}

/** Most lists of a record that are kept. */
const PAGES = 64

/** What lists must say, by who asks and from where on. */
class Pages {
  readonly #known = new Map<string, { readonly ids: Hash; readonly count: number }>()

  of(asked: string, page: () => readonly DocumentId[]): { readonly ids: Hash; readonly count: number } {
    let known = this.#known.get(asked)
    if (known === undefined) {
      const ids = page()
      known = { ids: listHash(ids), count: ids.length }
      if (this.#known.size >= PAGES) this.clear()
      this.#known.set(asked, known)
    }
    return known
  }

  clear(): void {
    this.#known.clear()
  }
}

/** One record as its entries have made it so far. Memory grows with records, documents and grants, not with entries. */
export class RecordCase {
  readonly id: RecordId
  /** Null when it is not to be believed, or was let go. */
  identity: Verified<Identity> | null = null
  /** Hash of the state that the entries say is in force. */
  state: Hash | null = null
  /** That state, verified; null when it could not be: then nothing can be judged by it. */
  inForce: StateInForce | null = null
  /** Identities before this one: what they placed still lies there. */
  readonly earlier: Verified<Identity>[] = []
  /** Identities that a letter brought up and that are not in force (yet). */
  readonly candidates = new Map<Hash, Verified<Identity>>()
  /** By the statement's hash. */
  readonly recoveries = new Map<Hash, EnteredRecovery>()
  /** Identities that a device stopped. */
  readonly stopped = new Set<Hash>()
  /** Every state that was in force. */
  readonly states = new Set<Hash>()
  /** In the order of deposit. */
  readonly documents = new Map<DocumentId, LaidDocument>()
  /** The identity whose verified statement, and state in force, were let go to keep memory small; null otherwise. */
  letGo: Hash | null = null
  /** Its patient closed it. */
  isClosed = false
  /** After which it was destroyed: nothing of it is looked for in the store. */
  isDestroyed = false
  /** When the last change of state or deposit came, POSIX milliseconds. */
  changedAt = 0
  /** Lists as they are since then: the same ones are asked for again and again. */
  readonly pages = new Pages()

  constructor(id: RecordId) {
    this.id = id
  }

  /** What a list shows may be another from now on. */
  changed(t: number): void {
    this.changedAt = t
    this.pages.clear()
  }

  /** Grants in force of one holder, their terms not looked at. */
  grantsOf({ kind, id }: { readonly kind: string; readonly id: string }): Verified<Grant>[] {
    const state = this.inForce
    if (state === null || state.sets.blocked.some(blocked => blocked === id)) return []
    return [...state.grants.values()].filter(
      ({ payload }) => payload.grantee.kind === kind && payload.grantee.id === id,
    )
  }
}
