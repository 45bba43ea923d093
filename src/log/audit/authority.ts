import type { Actor, Event } from '../../protocol/entry.ts'
import type { CompartmentId, DocumentId } from '../../protocol/ids.ts'
import type { Deposit, Grant, Right } from '../../protocol/statements.ts'
import { isBlocked } from '../blocked.ts'
import { verifyDeposit } from '../grant.ts'
import type { Verified } from '../verified.ts'
import { listCursor } from './asked.ts'
import type { Case, Examined } from './case.ts'
import { type AuditedKey, HANDLING_MS, type Keys } from './keys.ts'
import type { AskedRequest } from './quick-request.ts'
import type { LaidDeposit, LaidDocument, RecordCase } from './record.ts'

/** Documents in a full page of a list. */
const PAGE = 500

type Practitioner = Extract<Actor, { kind: 'professional' | 'establishment' }>

/** An act in a record, as far as it was checked before its right is judged. */
export interface Asked {
  readonly at: Examined
  readonly record: RecordCase
  readonly request: AskedRequest | null
  /** The actor's key; null for the patient, and when it is not known. */
  readonly key: AuditedKey | null
}

/** Judges the right behind each act on documents, and behind each refusal, by the state in force when it was done. */
export class Authority {
  readonly #case: Case
  readonly #keys: Pick<Keys, 'withdrawnAt'>

  constructor(audited: Case, keys: Pick<Keys, 'withdrawnAt'>) {
    this.#case = audited
    this.#keys = keys
  }

  judge(asked: Asked): Promise<void> | undefined {
    const { at } = asked
    const { event } = at.entry.parsed
    if (event.outcome === 'refused') {
      this.#refusal(asked)
      return
    }
    switch (event.action) {
      case 'document.list':
        this.#list(asked)
        return
      case 'document.read':
      case 'document.refused':
        return this.#read(asked)
      case 'document.deposit':
        return this.#deposit(asked)
      case 'document.withdraw':
        return this.#withdraw(asked)
      case 'recovery.start':
        return // judged with the recovery itself
      default:
        if (event.grant !== null) this.#case.found('entry-object', 'This act relies on no grant, and names one', at)
        return
    }
  }

  /** The grant relied on; null, and a finding, when nothing covers the act. */
  #held({ at, record }: Asked, actor: Practitioner, what: string): Grant | null {
    const { event } = at.entry.parsed
    const state = record.inForce
    if (state === null) return null
    const none = (why: string, evidence: object = {}): null => {
      this.#case.found('no-grant', `${what} by ${actor.kind} ${actor.id} without a right: ${why}`, at, {
        state: state.state.text,
        ...evidence,
      })
      return null
    }
    if (event.grant === null) return none('the entry names no grant')
    const grant = state.grants.get(event.grant)
    if (grant === undefined) return none('the grant is not in the state in force: revoked, or never given')
    const { grantee, until } = grant.payload
    const evidence = { grant: grant.text }
    if (grantee.kind !== actor.kind || grantee.id !== actor.id) return none('the grant is another’s', evidence)
    if (isBlocked(state.sets.blocked, actor)) return none('the patient has blocked who acted', evidence)
    if (until <= event.t && Date.parse(until) <= at.t - HANDLING_MS)
      return none(`the grant was until ${until}`, evidence)
    if (this.#keys.withdrawnAt(grantee.keyStatement) <= at.t - HANDLING_MS) {
      return none('the key that the grant is sealed to was withdrawn', evidence)
    }
    return grant.payload
  }

  #list(asked: Asked): void {
    const { at, record, request } = asked
    const { actor, object } = at.entry.parsed.event
    let reaches = (_: LaidDocument) => true
    if (isPractitioner(actor)) {
      const grant = this.#held(asked, actor, 'A list')
      if (grant === null) return
      reaches = ({ compartment, withdrawn }) => !withdrawn && has(grant, 'read', compartment)
    }
    const after = request === null ? undefined : listCursor(request.query)
    if (after === undefined) return
    const pageOf = () => {
      const due = [...record.documents.values()].filter(
        document => (after === null || document.seq > after) && reaches(document),
      )
      return due.slice(0, PAGE).map(({ id }) => id)
    }
    const known = record.pages.of(`${after ?? ''} ${isPractitioner(actor) ? at.entry.parsed.event.grant : ''}`, pageOf)
    if (object.ids === known.ids && object.count === known.count) return
    const page = pageOf()
    const message = `A list of ${object.count} documents, and ${page.length} were within reach`
    this.#case.found('list-withheld', message, at, { due: page })
  }

  #read(asked: Asked): Promise<void> | undefined {
    const { at, record } = asked
    const { actor, object } = at.entry.parsed.event
    const document = record.documents.get(object.document as DocumentId)
    if (document === undefined) {
      this.#case.found('served-unknown', `The document ${object.document} was never deposited`, at)
      return
    }
    if (!isPractitioner(actor)) return
    const grant = this.#held(asked, actor, 'A read')
    if (grant === null) return
    if (document.withdrawn) {
      const message = `A document was served to ${actor.id} after its author had withdrawn it`
      this.#case.found('no-grant', message, at, { grant, document: document.id })
      return
    }
    if (has(grant, 'read', document.compartment)) return
    return this.#outOfReach(asked, actor, grant, document)
  }

  async #outOfReach({ at }: Asked, actor: Practitioner, grant: Grant, document: LaidDocument): Promise<void> {
    const { compartment, placement, first } = document
    if (placement !== null && (has(grant, 'read', first) || has(grant, 'read', placement.from))) {
      const message = `A document was served to ${actor.id} after the patient had moved it to ${compartment}`
      const text = await this.#case.source.statement('placement', placement.hash)
      this.#case.found('served-after-mask', message, at, { placement: text })
      return
    }
    const message = `A read by ${actor.kind} ${actor.id} without a right: the grant does not give to read in ${compartment}`
    this.#case.found('no-grant', message, at, { grant, document: document.id })
  }

  async #deposit(asked: Asked): Promise<void> {
    const { at, record, key } = asked
    const { event } = at.entry.parsed
    const { actor, object } = event
    if (!isPractitioner(actor)) return
    record.changed(at.t)
    const document = object.document as DocumentId
    const compartment = object.compartment as CompartmentId
    const text = await this.#case.text('deposit', String(object.deposit), at)
    const { deployment } = this.#case.trust
    const deposit =
      text === null || key === null
        ? null
        : await this.#case.attempt('statement-broken', at, 'A deposit', () =>
            verifyDeposit(text, { deployment, recordId: record.id, key: { hash: key.hash, verifyKey: key.verifyKey } }),
          )
    if (record.documents.has(document)) {
      this.#case.found('document-twice', `The document ${document} was deposited before`, at)
    } else {
      const laid = { id: document, seq: at.seq, deposit: deposit && laidOf(deposit), first: compartment }
      const author = `${actor.kind}:${actor.id}`
      record.documents.set(document, { ...laid, compartment, author, withdrawn: false, placement: null })
    }
    if (deposit !== null) {
      const { documentId, compartment: signed } = deposit.payload
      if (documentId !== document || signed !== compartment) {
        this.#case.found('entry-object', 'The entry names another document or compartment than the deposit', at, {
          deposit: text,
        })
      }
      this.#epoch(asked, deposit.payload)
    }
    const grant = this.#held(asked, actor, 'A deposit')
    if (grant === null || has(grant, 'deposit', compartment)) return
    const message = `A deposit by ${actor.kind} ${actor.id} without a right: the grant does not give to deposit in ${compartment}`
    this.#case.found('no-grant', message, at, { grant })
  }

  /** Only the author, and only where the grant in force reaches. */
  #withdraw(asked: Asked): undefined {
    const { at, record } = asked
    const { actor, object } = at.entry.parsed.event
    const document = record.documents.get(object.document as DocumentId)
    if (document === undefined) {
      this.#case.found('served-unknown', `The document ${object.document} was never deposited`, at)
      return
    }
    if (!isPractitioner(actor)) return
    record.changed(at.t)
    document.withdrawn = true
    const grant = this.#held(asked, actor, 'A withdrawal')
    if (grant === null) return
    const reaches = grant.compartments.some(({ id }) => id === document.compartment)
    if (reaches && document.author === `${actor.kind}:${actor.id}`) return
    const message = `A document was withdrawn by ${actor.id}, who is not its author or does not reach it`
    this.#case.found('no-grant', message, at, { grant, document: document.id })
  }

  /** Sealed under the epoch that was current, and under a state that this record had. */
  #epoch({ at, record }: Asked, { compartment, epoch, state }: Deposit): void {
    const inForce = record.inForce
    if (inForce === null) return
    const current = inForce.state.payload.compartments.find(({ id }) => id === compartment)
    if (current?.epoch !== epoch) {
      const message = `A deposit under epoch ${epoch} of a compartment in epoch ${current?.epoch ?? 'none'}`
      this.#case.found('epoch-stale', message, at, { state: inForce.state.text })
    }
    if (!record.states.has(state)) {
      this.#case.found('state-stale', 'A deposit cites a state that was not in force before it', at, { state })
    }
  }

  /** Only refusals that the log alone can judge; what changed within seconds of it may have been refused rightly. */
  #refusal({ at, record }: Asked): void {
    const { event } = at.entry.parsed
    const { actor, action, object } = event
    if (event.grant !== null) this.#case.found('entry-object', 'A refusal relies on no grant, and names one', at)
    const { t } = at
    if (record.inForce === null || t - record.changedAt < HANDLING_MS) return
    const wrongly = (why: string) => this.#case.found('refused-wrongly', `Refused as “${object.reason}”: ${why}`, at)
    const document = record.documents.get(object.document as DocumentId)
    if (actor.kind === 'patient') {
      if (object.reason === 'no-grant' && actor.id === record.id && READS.has(action))
        wrongly('the patient needs no grant')
      if (object.reason === 'document-unknown' && document !== undefined && READS.has(action)) {
        wrongly('the document was there')
      }
      return
    }
    if (!isPractitioner(actor) || isBlocked(record.inForce.sets.blocked, actor)) return
    const grants = record
      .grantsOf(actor)
      .filter(
        ({ payload: { until, grantee } }) => Date.parse(until) > t && this.#keys.withdrawnAt(grantee.keyStatement) > t,
      )
    for (const { payload: grant } of grants) {
      if (object.reason === 'no-grant' && this.#covers(grant, event, record)) wrongly('a grant in force covered it')
      const isThere = document !== undefined && !document.withdrawn && READS.has(action)
      if (object.reason === 'document-unknown' && isThere && has(grant, 'read', document.compartment)) {
        wrongly('the document was within reach')
      }
    }
  }

  #covers(grant: Grant, { action, object }: Event, record: RecordCase): boolean {
    if (READS.has(action)) return true
    if (action === 'access.view') {
      return object.compartment === undefined || has(grant, 'read', object.compartment as CompartmentId)
    }
    if (action !== 'document.deposit') return false
    const all = record.inForce?.state.payload.compartments.map(({ id }) => id) ?? []
    const asked = typeof object.compartment === 'string' ? [object.compartment as CompartmentId] : all
    return asked.every(compartment => has(grant, 'deposit', compartment))
  }
}

/** Of a deposit, what stored parts are compared with later: there are as many as documents. */
function laidOf({ hash, payload }: Verified<Deposit>): LaidDeposit {
  const { manifest, envelope, bodyRoot, bodyLength } = payload
  return { hash, manifest, envelope, bodyRoot, bodyLength }
}

const READS: ReadonlySet<string> = new Set(['document.list', 'document.read', 'document.refused'])

function has(grant: Grant, right: Right, compartment: CompartmentId): boolean {
  return grant.compartments.some(({ id, rights }) => id === compartment && rights.includes(right))
}

export function isPractitioner(actor: Actor): actor is Practitioner {
  return actor.kind === 'professional' || actor.kind === 'establishment'
}
