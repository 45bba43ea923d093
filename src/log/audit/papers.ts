import { fromBase64url, toBase64url } from '../../crypto/bytes.ts'
import { CoffreError } from '../../crypto/errors.ts'
import { VerifyKey } from '../../crypto/sign.ts'
import { statementHash } from '../../crypto/statement.ts'
import type { Hash, RecordId } from '../../protocol/ids.ts'
import { Identity, Registration, StatementTyp } from '../../protocol/statements.ts'
import { verifyActivation } from '../activation.ts'
import { recordIdOf, verifyIdentity } from '../identity.ts'
import { verifyRegistration } from '../registration.ts'
import { peek, type Verified } from '../verified.ts'
import type { Case, Examined, Soon } from './case.ts'
import { Recent } from './recent.ts'

/** Keys of patients that are kept ready. */
const AT_HAND = 8192

/** Who is who, as the log tells it: registrations as the insurer signed them, the identities that used them. */
export class Papers {
  readonly #case: Case
  readonly #registrations = new Map<string, Verified<Registration> | null>()
  /** Registrations used up, to be taken by whoever sees that none is used twice. */
  readonly used: { readonly hash: string; readonly seq: number }[] = []
  /** Verified identities that were asked for lately: there are as many as patients. */
  readonly #signKeys = new Recent<string, VerifyKey>(AT_HAND)

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
    this.used.push({ hash, seq: at.seq })
    if (registration == null) return null
    // Used up: of the many that there are, only those still waiting are kept.
    this.#registrations.set(hash, null)
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
    if (recordIdOf(identity) !== record || identity.payload.prevIdentity !== null || !own) {
      this.#case.found('identity-broken', 'A record was opened by another identity than its name comes from', at, {
        statement: identity.text,
      })
      return null
    }
    return identity
  }

  /** An identity that shall follow another, by an opening letter of its own. Null when it is not to be believed. */
  async succeeding(at: Examined): Promise<Verified<Identity> | null> {
    return this.#introduced(at)
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
        verifyActivation(text, { registration, identity, recordId: at.entry.parsed.link.record as RecordId }),
      )
    }
    return registration
  }

  /**
   * The key of the identity of that hash, of whichever record; null when there is none. That each identity in the store
   * was one that opened a record shows elsewhere: by its entry, or as a statement that the log knows nothing of.
   */
  signKey(hash: Hash): Soon<VerifyKey | null> {
    return this.#signKeys.get(hash) ?? this.#signKeyOf(hash)
  }

  async #signKeyOf(hash: Hash): Promise<VerifyKey | null> {
    const text = await this.#case.source.statement('identity', hash)
    const identity = text === null ? null : readIdentity(text, hash)
    if (identity === null) return null
    const key = VerifyKey.parse(fromBase64url(identity.signKey))
    this.#signKeys.set(hash, key)
    return key
  }

  /** An identity that was verified before, verified again; null when it cannot be any more. */
  async again(hash: Hash): Promise<Verified<Identity> | null> {
    const { insurerKey, deployment } = this.#case.trust
    const text = await this.#case.source.statement('identity', hash)
    const said = text === null ? null : readIdentity(text, hash)
    const paper = said && (await this.#case.source.statement('registration', said.registration))
    if (text === null || paper === null) return null
    const registration = await verifyRegistration(paper, { insurerKey, deployment, purpose: 'opening' })
    return verifyIdentity(text, { registration })
  }
}

/** What an identity says of itself; null when the text is not the one of its hash, or none. */
function readIdentity(text: string, hash: Hash): Identity | null {
  try {
    if (toBase64url(statementHash(text)) !== hash) return null
    return peek(text, { typ: StatementTyp.identity, schema: Identity })
  } catch (error) {
    if (CoffreError.is(error)) return null
    throw error
  }
}
