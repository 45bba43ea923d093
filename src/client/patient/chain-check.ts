import { fromBase64url, fromUtf8 } from '../../crypto/bytes.ts'
import { CoffreError } from '../../crypto/errors.ts'
import { parseBase, type SignedRequest, verifyBase } from '../../crypto/httpsig.ts'
import { VerifyKey } from '../../crypto/sign.ts'
import { asksFor } from '../../log/audit/asked.ts'
import type { ParsedEntry } from '../../log/entry.ts'
import { signKeyOf } from '../../log/identity.ts'
import { holderName, type VerifiedKey } from '../../log/key-statement.ts'
import { changesState } from '../../log/state-changes.ts'
import type { Event } from '../../protocol/entry.ts'
import type { Hash } from '../../protocol/ids.ts'
import type { AuthorKeys } from '../document/author.ts'
import { ConnectionError, HostRefusal, VerificationError } from '../errors.ts'
import type { VerifiedPatient } from '../trust.ts'
import type { RecordFile } from './store.ts'
import { Succeeding } from './succeeding.ts'

/** What one entry was found to be. */
export interface CheckedEntry {
  readonly entry: ParsedEntry
  /** Who acted, for people: from the card for professionals and establishments. */
  readonly who: string
  /** What does not hold of it, in words; empty when all does. */
  readonly problems: readonly string[]
}

/** What the check knows before the first entry. */
export interface ChainStart {
  /** The state in force before it; null before the record's first entry. */
  readonly state: Hash | null
  /** The identity in force before it; the record's first one unless given. */
  readonly identity?: Hash | undefined
}

/**
 * Checks the meaning of a record's entries one after the other, as its patient can: every act of the patient is signed
 * by the identity in force then, one identity follows another only as `Succeeding` lets it, every state was brought into force by it, everybody else's act is signed by a key that a card vouches
 * for, and the signed request asked for just what the entry says. (That entries follow each other and stand in the tree
 * is checked in `chain.ts`.)
 */
export class ChainCheck {
  readonly #patient: VerifiedPatient
  readonly #record: Pick<RecordFile, 'activation'>
  readonly #authors: AuthorKeys
  readonly #identities: Succeeding
  #state: Hash | null
  /** Signatures of the requests behind the entries checked so far: one request is one act. */
  readonly #requests = new Set<string>()

  constructor(
    {
      patient,
      record,
      authors,
    }: { patient: VerifiedPatient; record: Pick<RecordFile, 'activation'>; authors: AuthorKeys },
    start: ChainStart,
  ) {
    this.#patient = patient
    this.#record = record
    this.#authors = authors
    this.#identities = new Succeeding(patient, start.identity)
    this.#state = start.state
  }

  /** The identity in force after the entries checked so far. */
  get identity(): Hash {
    return this.#identities.inForce.hash
  }

  /** The state in force after the entries checked so far. */
  get state(): Hash | null {
    return this.#state
  }

  /**
   * Checks the next entry. Throws `VerificationError` `state-not-mine` when it brings a state into force that this
   * identity did not ask for, `state-broken` when it names another state than the one in force, and as `Succeeding.next`:
   * nothing after it could be judged.
   */
  async next(entry: ParsedEntry): Promise<CheckedEntry> {
    const { event } = entry.parsed
    const problems: string[] = []
    this.#identities.next(entry)
    const who = event.actor.kind === 'patient' ? this.#mine(entry, problems) : await this.#others(entry, problems)
    this.#follow(entry, problems)
    return { entry, who, problems }
  }

  #follow(entry: ParsedEntry, problems: readonly string[]): void {
    const { event, link } = entry.parsed
    const evidence = { entry: { link: entry.link, event: entry.event } }
    if (event.outcome === 'ok' && changesState(event.action)) {
      if (event.actor.kind !== 'patient' || problems.length > 0 || event.state === null) {
        throw new VerificationError(`Entry ${link.n} changes the record, and not on the patient's order`, {
          code: 'state-not-mine',
          evidence: { ...evidence, problems },
        })
      }
      this.#state = event.state
      return
    }
    if (event.state === this.#state) return
    throw new VerificationError(`Entry ${link.n} names another state than the one then in force`, {
      code: 'state-broken',
      evidence: { ...evidence, state: this.#state },
    })
  }

  #mine(entry: ParsedEntry, problems: string[]): string {
    const { event } = entry.parsed
    const { recordId } = this.#patient
    const identity = this.#identities.inForce
    if (event.actor.kind !== 'patient') return ''
    if (event.actor.id !== recordId || event.actor.key !== identity.hash) {
      problems.push('it is said to be the patient’s, under another identity')
    }
    if (event.request === null) {
      if (event.action !== 'session.fail') problems.push('it is said to be the patient’s, without a signed request')
      return 'patient'
    }
    const request = this.#request(event, problems)
    if (request === null) return 'patient'
    if (event.action === 'account.activate') {
      this.#activation(event, request, problems)
      return 'patient'
    }
    if (request.keyId !== `identity:${identity.hash}`) problems.push('its request was signed by another key')
    this.#signature(event, signKeyOf(identity), problems)
    return 'patient'
  }

  #activation(event: Event, request: SignedRequest, problems: string[]): void {
    const { activation } = this.#record
    // On a device that did not activate, the code's key is not at hand; the state that follows is signed all the same.
    if (activation === null) return
    const { registration } = event.object
    if (request.keyId !== `code:${registration}`) problems.push('its request was signed by another code')
    // An earlier activation, by a letter of its own, whose code's key is not at hand either.
    if (registration !== activation.registration) return
    this.#signature(event, VerifyKey.parse(fromBase64url(activation.key)), problems)
  }

  async #others(entry: ParsedEntry, problems: string[]): Promise<string> {
    const { event } = entry.parsed
    const { actor } = event
    if (actor.kind !== 'professional' && actor.kind !== 'establishment') {
      problems.push(`a ${actor.kind} has nothing to do in a patient's chain`)
      return actor.kind
    }
    const request = this.#request(event, problems)
    let key: VerifiedKey
    try {
      key = await this.#authors(actor.key, new Date(event.t))
    } catch (error) {
      if (ConnectionError.is(error)) throw error
      if (HostRefusal.is(error)) problems.push('the host does not show the key that asked')
      else if (CoffreError.is(error)) problems.push(`the key that asked does not hold (${error.code})`)
      else throw error
      return actor.id
    }
    if (key.payload.kind !== actor.kind || key.payload.nationalId !== actor.id) {
      problems.push('the key that asked belongs to somebody else')
    }
    if (request !== null && request.keyId !== `key:${actor.key}`) problems.push('its request was signed by another key')
    this.#signature(event, key.verifyKey, problems)
    const name = `${holderName(key.holder)}${key.holder.kind === 'professional' ? ` (${key.holder.profession})` : ''}`
    if (actor.kind !== 'establishment') return name
    if (request !== null && !sameActing(request.acting, actor.acting)) {
      problems.push('the person acting is not the one that the establishment signed for')
    }
    return `${actor.acting.name} (${actor.acting.role}), vouched for by ${name}`
  }

  #request(event: Event, problems: string[]): SignedRequest | null {
    if (event.request === null) {
      problems.push('there is no signed request behind it')
      return null
    }
    if (this.#requests.has(event.request.signature)) problems.push('its signed request stands behind an earlier entry')
    this.#requests.add(event.request.signature)
    try {
      const request = parseBase(event.request.base)
      if (!asksFor(request, event, this.#patient.recordId)) problems.push('the signed request asked for something else')
      return request
    } catch {
      problems.push('its signed request cannot be read')
      return null
    }
  }

  #signature({ request }: Event, key: VerifyKey, problems: string[]): void {
    if (request === null) return
    if (!verifyBase(request.base, fromBase64url(request.signature), key)) {
      problems.push('the signature of its request does not hold')
    }
  }
}

function sameActing(signed: string | undefined, acting: object): boolean {
  if (signed === undefined) return false
  try {
    const said: unknown = JSON.parse(fromUtf8(fromBase64url(signed)))
    return canonical(said) === canonical(acting)
  } catch {
    return false
  }
}

const canonical = (value: unknown): string =>
  JSON.stringify(Object.entries(value as object).sort(([a], [b]) => (a < b ? -1 : 1)))
