import type { ParsedEntry } from '../../log/entry.ts'
import { RECOVERY_WAIT_MS } from '../../log/recovery.ts'
import type { Verified } from '../../log/verified.ts'
import type { Hash } from '../../protocol/ids.ts'
import type { Identity } from '../../protocol/statements.ts'
import { VerificationError } from '../errors.ts'
import type { VerifiedPatient } from '../trust.ts'

/**
 * The identities of a record as its chain brings them into force, one after the other, the last one the patient's own. That
 * each came in by a signed right is `verifyIdentityHistory`; here is what the chain alone tells: that the recovery was
 * entered before, that it waited, and that no device stopped it.
 */
export class Succeeding {
  readonly #order: readonly Verified<Identity>[]
  #at: number
  /** Recoveries entered so far: for whom, and when. */
  readonly #started = new Map<string, { readonly identity: string; readonly at: number }>()
  readonly #stopped = new Set<string>()

  /** `from`: the identity in force before the first entry. Throws `VerificationError` `identity-changed`. */
  constructor({ identity, earlier = [] }: VerifiedPatient, from?: Hash) {
    this.#order = [...earlier, identity]
    this.#at = from === undefined ? 0 : this.#order.findIndex(({ hash }) => hash === from)
    if (this.#at >= 0) return
    throw new VerificationError(
      'The identity that was in force when the chain was last read is not one of this record’s',
      {
        code: 'identity-changed',
        evidence: { known: from, served: identity.text },
      },
    )
  }

  get inForce(): Verified<Identity> {
    return this.#order[this.#at] as Verified<Identity>
  }

  /**
   * Looks at an entry before it is checked: after an `identity.change` the next identity is in force. Throws
   * `VerificationError` `identity-changed` (another than the next one), `identity-unwarranted` (no handover, and no
   * recovery that the chain knows), `recovery-early`, `recovery-stopped`.
   */
  next(entry: ParsedEntry): void {
    const { action, object, outcome, t } = entry.parsed.event
    if (outcome !== 'ok') return
    if (action === 'recovery.start') {
      this.#started.set(String(object.recovery), { identity: String(object.identity), at: Date.parse(t) })
    }
    if (action === 'recovery.stop') this.#stopped.add(String(object.identity))
    if (action !== 'identity.change') return
    const evidence = { entry: { link: entry.link, event: entry.event } }
    const refuse = (code: string, message: string) => new VerificationError(message, { code, evidence })
    const next = this.#order[this.#at + 1]
    if (next === undefined || object.identity !== next.hash) {
      throw refuse('identity-changed', 'The chain brings in another identity than the one that follows')
    }
    if (object.handover === undefined) {
      const recovery = this.#started.get(String(object.recovery))
      if (recovery?.identity !== next.hash) {
        throw refuse('identity-unwarranted', 'A new identity came in by a recovery that was never entered')
      }
      if (this.#stopped.has(next.hash)) {
        throw refuse('recovery-stopped', 'A new identity came in although a device had stopped it')
      }
      if (Date.parse(t) - recovery.at < RECOVERY_WAIT_MS) {
        throw refuse('recovery-early', 'A new identity came in before the 72 hours of its recovery had passed')
      }
    }
    this.#at++
  }
}
