import { parseStatement } from '../../crypto/statement.ts'
import { grantedTo, verifyGrant } from '../../log/grant.ts'
import type { RecordContext } from '../../log/patient-signed.ts'
import type { Verified } from '../../log/verified.ts'
import type { Event } from '../../protocol/entry.ts'
import type { CompartmentId, GrantId, Hash } from '../../protocol/ids.ts'
import type { Grant, Right } from '../../protocol/statements.ts'
import type { CheckedEntry } from './chain-check.ts'

/** What is known of a record's grants and placements. */
export interface GrantFacts {
  readonly context: RecordContext
  /** The text of a grant that was seen; null of one that never was. */
  grantText(hash: string): Promise<string | null>
  /** Where a placement that is in force put its document; null of one that is not. */
  placedIn(hash: Hash): Promise<CompartmentId | null>
  /** The masked compartment; null when it is not known: then nothing is judged by it. */
  readonly masked: CompartmentId | null
}

/** Follows which grants were in force and where documents lay, entry by entry, as far as this client knows their texts. */
export class GrantBook {
  readonly #facts: GrantFacts
  readonly #ended = new Set<GrantId>()
  /** By document; null where a placement that is in force no more has put it. */
  readonly #lies = new Map<unknown, unknown>()

  /** In force at the entry judged. */
  #identity: unknown

  constructor(facts: GrantFacts) {
    this.#facts = facts
    const { identity, earlier = [] } = facts.context
    this.#identity = (earlier[0] ?? identity).hash
  }

  /** For each entry: null, or why the grant it relies on did not allow it. */
  async judge(entries: readonly CheckedEntry[]): Promise<(string | null)[]> {
    const verdicts: (string | null)[] = []
    for (const { entry } of entries) verdicts.push(await this.#one(entry.parsed.event))
    return verdicts
  }

  async #one({ action, actor, object, outcome, grant, t }: Event): Promise<string | null> {
    if (outcome !== 'ok') return null
    if (action === 'document.mask' || action === 'document.unmask' || action === 'document.move') {
      const put = await this.#facts.placedIn(object.placement as Hash)
      this.#lies.set(object.document, put ?? (action === 'document.mask' ? this.#facts.masked : null))
      return null
    }
    // Under a new identity nothing that the one before gave is in force.
    if (action === 'identity.change') this.#identity = object.identity
    if (action === 'grant.revoke') {
      const revoked = await this.#known(object.grant)
      if (revoked !== null) this.#ended.add(revoked.payload.grantId)
      return null
    }
    if (actor.kind !== 'professional' && actor.kind !== 'establishment') return null
    if (!action.startsWith('document.')) return null
    if (action === 'document.deposit') this.#lies.set(object.document, object.compartment)
    if (grant === null) return 'no grant: nobody allowed this'
    const relied = await this.#known(grant)
    if (relied === null) return 'no grant: this client never saw the one it names'
    const { kind, id } = actor
    if (!grantedTo(relied.payload, { kind, id, at: new Date(t) }))
      return 'no grant: it was given to another, or was over'
    if (action === 'document.deposit' && !may(relied.payload, 'deposit', object.compartment)) {
      return 'no grant: not for depositing there'
    }
    const lies = this.#lies.get(object.document)
    if (action === 'document.read' && lies !== null && !may(relied.payload, 'read', lies)) {
      return 'no grant: not for reading where the document lay'
    }
    if (this.#isOfAnother(relied)) return 'no grant: it was given under another identity'
    return this.#ended.has(relied.payload.grantId) ? 'no grant: it had been taken back' : null
  }

  /** Signed by an identity of this record that was not the one in force. */
  #isOfAnother({ headers }: Verified<Grant>): boolean {
    const kid = headers[0]?.kid
    const { identity, earlier = [] } = this.#facts.context
    return kid !== this.#identity && [...earlier, identity].some(({ hash }) => hash === kid)
  }

  async #known(hash: unknown): Promise<Verified<Grant> | null> {
    const text = typeof hash === 'string' ? await this.#facts.grantText(hash) : null
    return text === null ? null : verifyGrant(text, this.#signedBy(text))
  }

  /** A grant of before a change of identity was signed by the identity of then. */
  #signedBy(text: string): RecordContext {
    const { earlier = [], ...context } = this.#facts.context
    const kid = parseStatement(text).signatures[0]?.header.kid
    const identity = earlier.find(({ hash }) => hash === kid)
    return identity === undefined ? context : { ...context, identity }
  }
}

function may({ compartments }: Grant, right: Right, compartment: unknown): boolean {
  return compartments.some(({ id, rights }) => id === compartment && rights.includes(right))
}
