import type { Hash } from '../../protocol/ids.ts'
import type { Identity } from '../../protocol/statements.ts'
import { byHandover, byRecovery, checkCovered, verifyHandover, verifyRecovery, type Warrant } from '../recovery.ts'
import type { Verified } from '../verified.ts'
import type { Case, Examined } from './case.ts'
import { type AuditedKey, HANDLING_MS, type Keys } from './keys.ts'
import type { Papers } from './papers.ts'
import type { RecordCase } from './record.ts'

/** Who comes after a record's identity, and by what right; null warrant: by none that holds. */
export interface Succession {
  readonly identity: Verified<Identity>
  readonly warrant: Warrant | null
}

/** How one identity follows another (docs/protocol/recovery.md), as the entries tell it. */
export class Recoveries {
  readonly #case: Case
  readonly #keys: Keys
  readonly #papers: Papers

  constructor(audited: Case, { keys, papers }: { keys: Keys; papers: Papers }) {
    this.#case = audited
    this.#keys = keys
    this.#papers = papers
  }

  /** A `recovery.start`: the professional's card, both identities, and the grant under which the keys were held. */
  async start(at: Examined, record: RecordCase, key: AuditedKey | null): Promise<void> {
    const { event } = at.entry.parsed
    const hash = String(event.object.recovery)
    const next = await this.#next(at, record)
    const text = await this.#case.text('recovery', hash, at)
    if (text === null || next === null || key === null || record.identity === null) return
    const context = {
      deployment: this.#case.trust.deployment,
      recordId: record.id,
      identity: record.identity,
      next,
      key: { hash: key.hash, verifyKey: key.verifyKey, payload: key.statement },
      ...this.#keys.cardContext(Date.parse(event.t)),
    }
    const recovery = await this.#case.attempt('recovery-broken', at, 'A recovery', () => verifyRecovery(text, context))
    if (recovery === null) return
    if (record.stopped.has(next.hash)) {
      this.#case.found('recovery-broken', 'A recovery was entered for an identity that had been stopped', at, { text })
    }
    const state = record.inForce?.state.payload
    const grant = this.#grant(at, record)
    if (grant === null) this.#case.found('no-grant', 'A recovery by somebody without a grant in force', at, { text })
    else if (state !== undefined) {
      await this.#case.attempt('recovery-broken', at, 'A recovery', () =>
        checkCovered(recovery.payload, { grant, state }),
      )
    }
    record.recoveries.set(recovery.hash, { recovery, startedAt: Date.parse(event.t) })
  }

  #grant({ entry }: Examined, record: RecordCase) {
    const { actor, grant, t } = entry.parsed.event
    if (actor.kind !== 'professional') return null
    const held = record.grantsOf(actor).find(({ hash }) => hash === grant)?.payload
    return held !== undefined && Date.parse(held.until) > Date.parse(t) - HANDLING_MS ? held : null
  }

  /** A `recovery.stop`: nothing brings that identity in any more. */
  stop(at: Examined, record: RecordCase): void {
    record.stopped.add(String(at.entry.parsed.event.object.identity) as Hash)
  }

  /** An `identity.change`. Null when there is no new identity to be believed. */
  async succession(at: Examined, record: RecordCase): Promise<Succession | null> {
    const { object } = at.entry.parsed.event
    const identity = await this.#next(at, record)
    if (identity === null) return null
    const warrant =
      typeof object.handover === 'string'
        ? await this.#handedOver(at, record, { next: identity, hash: object.handover })
        : await this.#recovered(at, record, String(object.recovery))
    return { identity, warrant }
  }

  async #handedOver(at: Examined, record: RecordCase, { next, hash }: { next: Verified<Identity>; hash: string }) {
    const text = await this.#case.text('handover', hash, at)
    const { identity } = record
    if (text === null || identity === null) return null
    const context = { deployment: this.#case.trust.deployment, recordId: record.id, identity, next }
    return this.#case.attempt('recovery-broken', at, 'A handover', async () =>
      byHandover(await verifyHandover(text, context)),
    )
  }

  async #recovered(at: Examined, record: RecordCase, hash: string): Promise<Warrant | null> {
    const entered = record.recoveries.get(hash as Hash)
    if (entered === undefined) {
      this.#case.found('recovery-broken', 'A new identity came in by a recovery that was never entered', at)
      return null
    }
    const { recovery, startedAt } = entered
    const course = {
      startedAt: new Date(startedAt),
      at: new Date(at.entry.parsed.event.t),
      stopped: record.stopped.has(recovery.payload.to),
    }
    return this.#case.attempt('recovery-broken', at, 'A new identity', () => byRecovery(recovery, course))
  }

  /** The identity that an entry brings up: a letter of its own led to it, and it names the one in force. */
  async #next(at: Examined, record: RecordCase): Promise<Verified<Identity> | null> {
    const { object } = at.entry.parsed.event
    const known = record.candidates.get(String(object.identity) as Hash)
    if (known !== undefined) return known
    const identity = await this.#papers.succeeding(at)
    if (identity === null) return null
    if (identity.payload.prevIdentity !== record.identity?.hash) {
      this.#case.found('identity-broken', 'A new identity does not follow the one in force', at, {
        text: identity.text,
      })
      return null
    }
    record.candidates.set(identity.hash, identity)
    return identity
  }
}
