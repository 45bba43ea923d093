import { fromBase64url } from '../../crypto/bytes.ts'
import { VerifyKey } from '../../crypto/sign.ts'
import { type Action, type Actor, SYSTEM_ACTIONS } from '../../protocol/entry.ts'
import type { RecordId } from '../../protocol/ids.ts'
import { Erasure, StatementTyp } from '../../protocol/statements.ts'
import { codeKeyOf } from '../registration.ts'
import { changesState } from '../state-changes.ts'
import { peek } from '../verified.ts'
import { type Asked, Authority, isPractitioner } from './authority.ts'
import { type Case, type Examined, type Soon, soon } from './case.ts'
import type { EnteredErasure } from './erasures.ts'
import { type AuditedKey, Keys } from './keys.ts'
import { Papers } from './papers.ts'
import { RecordCase } from './record.ts'
import { Recoveries, type Succession } from './recoveries.ts'
import { type RequestOptions, Requests, type Signer } from './requests.ts'
import { StateChains } from './states.ts'

type Kind = Actor['kind']
type Patient = Extract<Actor, { kind: 'patient' }>
const PRACTITIONERS: readonly Kind[] = ['professional', 'establishment']
const READERS: readonly Kind[] = ['patient', ...PRACTITIONERS]

/** Who may do what at all (docs/protocol/entry.md, the table of actions). */
const ACTORS: Readonly<Record<Action, readonly Kind[]>> = {
  'record.open': ['patient'],
  'record.close': ['patient'],
  'record.reopen': ['patient'],
  'record.destroy': ['host'],
  'account.activate': ['patient'],
  'session.start': ['patient'],
  'session.fail': ['patient'],
  'session.end': ['patient'],
  'document.list': READERS,
  'document.read': READERS,
  'document.deposit': PRACTITIONERS,
  'document.refused': READERS,
  'document.mask': ['patient'],
  'document.unmask': ['patient'],
  'document.move': ['patient'],
  'document.withdraw': PRACTITIONERS,
  'grant.give': ['patient'],
  'grant.revoke': ['patient'],
  'compartment.roll': ['patient'],
  'compartment.add': ['patient'],
  'device.add': ['patient'],
  'device.remove': ['patient'],
  'contact.change': ['patient'],
  'delegation.give': ['patient'],
  'delegation.revoke': ['patient'],
  'access.view': READERS,
  'access.request': PRACTITIONERS,
  'access.deny': ['patient'],
  'access.block': ['patient'],
  'access.unblock': ['patient'],
  'recovery.start': ['professional'],
  'recovery.stop': ['patient'],
  'notices.set': ['patient'],
  'identity.change': ['patient'],
  'host.start': ['host'],
  'host.stop': ['host'],
  'portal.build': ['host'],
  'host.operate': ['host'],
  'registration.import': ['insurer'],
  'key.publish': PRACTITIONERS,
  'key.withdraw': PRACTITIONERS,
  'strangers.refused': ['host'],
  'log.erase': ['host'],
}

const OF_SYSTEM: ReadonlySet<Action> = new Set(SYSTEM_ACTIONS)

/** An act on a record, all that is known of it. */
interface Acted extends Asked {
  /** When it changes the identity. */
  readonly succession: Succession | null
}

/** What lets somebody else into a record. */
const LETS_IN: ReadonlySet<Action> = new Set(['grant.give', 'delegation.give', 'access.unblock', 'access.request'])

/** What a card that the patient delegated may do. */
const CARDS_ACTS: ReadonlySet<Action> = new Set(['grant.give', 'grant.revoke'])

/** The meaning of each entry, in order: who acted, by which signed request, under which state, by what right. */
export class Examination {
  readonly #case: Case
  readonly #keys: Keys
  readonly #papers: Papers
  readonly #requests: Requests
  readonly #states: StateChains
  readonly #authority: Authority
  readonly #recoveries: Recoveries
  readonly records = new Map<RecordId, RecordCase>()
  readonly #erasures: EnteredErasure[] = []

  constructor(audited: Case, options: RequestOptions & { readonly atHand?: number }) {
    this.#case = audited
    this.#keys = new Keys(audited)
    this.#papers = new Papers(audited)
    this.#requests = new Requests(audited, options)
    this.#states = new StateChains(audited, {
      keys: this.#keys,
      papers: this.#papers,
      ...(options.atHand !== undefined && { atHand: options.atHand }),
    })
    this.#authority = new Authority(audited, this.#keys)
    this.#recoveries = new Recoveries(audited, { keys: this.#keys, papers: this.#papers })
  }

  async start(): Promise<void> {
    await this.#keys.start()
  }

  examine(at: Examined): Soon<void> {
    const { link, event } = at.entry.parsed
    if (event.outcome === 'ok' && !ACTORS[event.action].includes(event.actor.kind)) {
      this.#case.found('actor-wrong', `${event.action} is not for a ${event.actor.kind} to do`, at)
    }
    if (OF_SYSTEM.has(event.action) !== (link.record === 'system')) {
      this.#case.found('entry-object', `${event.action} has nothing to do in this chain`, at)
      return
    }
    return link.record === 'system' ? this.#system(at) : this.#record(at, link.record)
  }

  /** Registrations used up, and events said to be erased, since it was last asked. */
  take() {
    return { used: this.#papers.used.splice(0), erasures: this.#erasures.splice(0) }
  }

  async #system(at: Examined): Promise<void> {
    const { actor, action, object, grant, state } = at.entry.parsed.event
    if (grant !== null || state !== null) {
      this.#case.found('entry-object', 'An entry of the system’s chain names a grant or a state', at)
    }
    if (action === 'registration.import') await this.#papers.imported(at)
    if (action === 'log.erase') await this.#erasure(at)
    if (action === 'key.publish' && isPractitioner(actor)) {
      await this.#keys.publish(at, actor, String(object.keyStatement))
    }
    await this.#requests.check(at, this.#signer(at, await this.#practitionersKey(at)))
    // Last: the key that is withdrawn may be the one that asks for it.
    if (action === 'key.withdraw' && isPractitioner(actor)) {
      await this.#keys.withdraw(at, actor, { key: String(object.keyStatement), withdrawal: String(object.withdrawal) })
    }
  }

  async #erasure(at: Examined): Promise<void> {
    const { order, from, to } = at.entry.parsed.event.object
    const hash = String(order)
    this.#erasures.push({ order: hash, seq: at.seq, t: at.t })
    const text = await this.#case.text('erasure', hash, at)
    if (text === null) return
    const said = this.#case.attemptNow('statement-broken', at, 'An erasure', () =>
      peek(text, { typ: StatementTyp.erasure, schema: Erasure }),
    )
    if (said === null || (said.from === from && said.to === to)) return
    this.#case.found('entry-object', 'A log.erase names another range than its order', at, { order: text })
  }

  #record(at: Examined, id: RecordId): Soon<void> {
    return soon(this.#recordOf(at, id), record =>
      soon(this.#states.load(at, record), () =>
        soon(this.#practitionersKey(at), key =>
          soon(this.#succession(at, record), succession =>
            soon(this.#signerIn(at, record, key), signer =>
              soon(this.#requests.check(at, signer), request => {
                const acted: Acted = { at, record, key, request, succession }
                return soon(this.#brought(acted), () => this.#authority.judge(acted))
              }),
            ),
          ),
        ),
      ),
    )
  }

  #succession(at: Examined, record: RecordCase): Soon<Succession | null> {
    const { action, outcome } = at.entry.parsed.event
    return outcome === 'ok' && action === 'identity.change' ? this.#recoveries.succession(at, record) : null
  }

  /** What the act brought about. */
  #brought({ at, record, key, succession }: Acted): Soon<void> {
    const { id } = record
    const { event } = at.entry.parsed
    const { action, actor, outcome } = event
    const isDone = outcome === 'ok'
    if (actor.kind === 'patient' && isDone && (actor.id !== id || this.#another(at, actor, record, succession))) {
      this.#case.found('actor-wrong', 'A patient acted in the record of another', at)
    }
    if (isDone) this.#closing(at, record)
    if (isDone && action === 'recovery.stop') this.#recoveries.stop(at, record)
    if (isDone && changesState(action)) return this.#states.bring(at, record, { action, succession })
    if (isDone && action === 'recovery.start') {
      return this.#recoveries.start(at, record, key).then(() => this.#names(at, record))
    }
    this.#names(at, record)
  }

  /** An act that changes no state names the one in force. */
  #names(at: Examined, { state }: RecordCase): void {
    if (at.entry.parsed.event.state === state) return
    this.#case.found('state-stale', 'The entry names another state than the one in force', at, { state })
  }

  /** Closed, nobody is let in any more; destroyed is only what was closed. */
  #closing(at: Examined, record: RecordCase): void {
    const { action } = at.entry.parsed.event
    const broken = (why: string) => this.#case.found('closing-broken', why, at)
    if (record.isClosed && LETS_IN.has(action)) broken(`${action} in a record that its patient had closed`)
    if (action === 'record.close') record.isClosed = true
    if (action === 'record.reopen') record.isClosed = false
    if (action !== 'record.destroy') return
    if (!record.isClosed) broken('A record was destroyed that its patient had not closed')
    else record.isDestroyed = true
  }

  /** Is it neither the identity in force, nor the one that comes in by this act, nor a card that the patient let do it? */
  #another({ entry }: Examined, { key }: Patient, record: RecordCase, succession: Succession | null): boolean {
    const { action } = entry.parsed.event
    if (action === 'identity.change') return succession !== null && succession.identity.hash !== key
    if (record.identity === null || key === record.identity.hash) return false
    return !(CARDS_ACTS.has(action) && record.inForce?.delegations.has(key) === true)
  }

  #recordOf(at: Examined, id: RecordId): Soon<RecordCase> {
    const { action, outcome } = at.entry.parsed.event
    const opens = action === 'record.open' && outcome === 'ok'
    let record = this.records.get(id)
    if (record === undefined) {
      record = new RecordCase(id)
      this.records.set(id, record)
      if (!opens) this.#case.found('record-unopened', 'A record’s chain begins with another act than its opening', at)
    } else if (opens) {
      this.#case.found('record-unopened', 'A record was opened a second time', at)
    }
    return opens ? this.#opened(at, record) : record
  }

  async #opened(at: Examined, record: RecordCase): Promise<RecordCase> {
    record.identity = await this.#papers.opened(at, record.id)
    return record
  }

  #practitionersKey(at: Examined): Soon<AuditedKey | null> {
    const { actor } = at.entry.parsed.event
    return isPractitioner(actor) ? this.#keys.use(at, actor) : null
  }

  #signerIn(at: Examined, record: RecordCase, key: AuditedKey | null): Soon<Signer> {
    const { action, actor, outcome } = at.entry.parsed.event
    if (actor.kind !== 'patient') return this.#signer(at, key)
    if (action === 'account.activate' && outcome === 'ok') return this.#codeIn(at, record)
    const card = record.inForce?.delegations.get(actor.key)?.payload
    if (card !== undefined) {
      return { keyId: `card:${card.delegationId}`, key: VerifyKey.parse(fromBase64url(card.card.signKey)) }
    }
    const signKey = this.#papers.signKey(actor.key)
    const keyId = `identity:${actor.key}`
    const signer = (key: VerifyKey | null): Signer => {
      if (key === null && record.identity !== null) {
        this.#case.found('key-unknown', `No record was opened by the identity ${actor.key}`, at)
      }
      return { keyId, key }
    }
    return signKey instanceof Promise ? signKey.then(signer) : signer(signKey)
  }

  async #codeIn(at: Examined, record: RecordCase): Promise<Signer> {
    const registration = await this.#papers.activated(at, record.identity)
    const keyId = `code:${at.entry.parsed.event.object.registration}`
    return { keyId, key: registration && codeKeyOf(registration) }
  }

  #signer(at: Examined, key: AuditedKey | null): Signer {
    const { actor } = at.entry.parsed.event
    if (isPractitioner(actor)) return { keyId: `key:${actor.key}`, key: key?.verifyKey ?? null }
    return { keyId: 'insurer', key: this.#case.trust.insurerKey }
  }
}
