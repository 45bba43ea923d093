import type { Hash, RecordId } from '../../protocol/ids.ts'
import { type Identity, Registration, StatementTyp } from '../../protocol/statements.ts'
import { verifyActivation } from '../activation.ts'
import { recordIdOf, verifyIdentity } from '../identity.ts'
import { verifyRegistration } from '../registration.ts'
import { peek, type Verified } from '../verified.ts'
import type { Case, Examined } from './case.ts'

/** Who is who, as the log tells it: registrations as the insurer signed them, the identities that used them. */
export class Papers {
  readonly #case: Case
  readonly #registrations = new Map<string, Verified<Registration> | null>()
  readonly #used = new Set<string>()
  readonly #identities = new Map<string, Verified<Identity>>()

  constructor(audited: Case) {
    this.#case = audited
  }

  /** A `registration.import`. */
  async imported(at: Examined): Promise<void> {
    const { registration: hash, purpose } = at.entry.parsed.event.object
    if (typeof hash !== 'string') return this.#case.found('entry-object', 'An import names no registration', at)
    this.#registrations.set(hash, null)
    const text = await this.#case.text('registration', hash, at)
    if (text === null) return
    const { insurerKey, deployment } = this.#case.trust
    const verified = await this.#case.attempt('registration-broken', at, 'A registration', () => {
      const said = peek(text, { typ: StatementTyp.registration, schema: Registration })
      return verifyRegistration(text, { insurerKey, deployment, purpose: said.purpose })
    })
    if (verified !== null && verified.payload.purpose !== purpose) {
      this.#case.found('entry-object', 'An import names another purpose than the registration', at, { statement: text })
    }
    this.#registrations.set(hash, verified)
  }

  /** The registration of an act that uses it up. */
  async #use(at: Examined, purpose: Registration['purpose']): Promise<Verified<Registration> | null> {
    const { object, t } = at.entry.parsed.event
    const hash = String(object.registration)
    const registration = this.#registrations.get(hash)
    if (registration === undefined) {
      this.#case.found('registration-broken', `The registration ${hash} had not been imported`, at)
    }
    if (this.#used.has(hash)) this.#case.found('registration-broken', 'A registration was used a second time', at)
    this.#used.add(hash)
    if (registration == null) return null
    const { insurerKey, deployment } = this.#case.trust
    return this.#case.attempt('registration-broken', at, 'The registration used', () =>
      verifyRegistration(registration.text, { insurerKey, deployment, purpose, usedAt: new Date(t) }),
    )
  }

  /** A `record.open`: the identity that the insurer's registration leads to. Null when there is none to be believed. */
  async opened(at: Examined, record: RecordId): Promise<Verified<Identity> | null> {
    const { actor } = at.entry.parsed.event
    const identity = await this.#introduced(at)
    if (identity === null) return null
    const own = actor.kind === 'patient' && actor.id === record && actor.key === identity.hash
    if (recordIdOf(identity) !== record || !own) {
      this.#case.found('identity-broken', 'A record was opened by another identity than its name comes from', at, {
        statement: identity.text,
      })
      return null
    }
    this.#identities.set(identity.hash, identity)
    return identity
  }

  /** An identity that shall follow another, by an opening letter of its own. Null when it is not to be believed. */
  async succeeding(at: Examined): Promise<Verified<Identity> | null> {
    const identity = await this.#introduced(at)
    if (identity !== null) this.#identities.set(identity.hash, identity)
    return identity
  }

  /** The identity that an entry names, from the insurer's registration down. */
  async #introduced(at: Examined): Promise<Verified<Identity> | null> {
    const registration = await this.#use(at, 'opening')
    const text = await this.#case.text('identity', String(at.entry.parsed.event.object.identity), at)
    if (registration === null || text === null) return null
    return this.#case.attempt('identity-broken', at, 'The identity', () => verifyIdentity(text, { registration }))
  }

  /** An `account.activate`. The registration whose code signed the request; null when it is not to be believed. */
  async activated(at: Examined, identity: Verified<Identity> | null): Promise<Verified<Registration> | null> {
    const registration = await this.#use(at, 'activation')
    const text = await this.#case.text('activation', String(at.entry.parsed.event.object.activation), at)
    if (registration !== null && text !== null && identity !== null) {
      await this.#case.attempt('activation-broken', at, 'The activation', () =>
        verifyActivation(text, { registration, identity }),
      )
    }
    return registration
  }

  /** The identity of that hash, of whichever record. */
  identity(hash: Hash): Verified<Identity> | null {
    return this.#identities.get(hash) ?? null
  }
}
