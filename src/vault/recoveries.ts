/** How a new identity comes to follow the old one at this host (docs/protocol/recovery.md). */
import { toBase64url } from '../crypto/bytes.ts'
import { parseStatement, statementHash } from '../crypto/statement.ts'
import {
  byHandover,
  byRecovery,
  checkCovered,
  RECOVERY_WAIT_MS,
  verifyHandover,
  verifyRecovery,
  type Warrant,
} from '../log/recovery.ts'
import { checkSuccessor, verifyState } from '../log/state-chain.ts'
import type { StateInForce } from '../log/state-in-force.ts'
import { peek, type Verified } from '../log/verified.ts'
import type { Hash, RecordId } from '../protocol/ids.ts'
import { type Identity, Recovery, State, StatementTyp } from '../protocol/statements.ts'
import type {
  IdentityChange,
  IdentityPapers,
  IdentityProposal,
  IdentityProposed,
  ProposedIdentities,
  RecoveredState,
  RecoveryStart,
} from '../protocol/succession.ts'
import { requireGrant } from './access.ts'
import { type RecordRequest, requireOwner, requireState, stateHash } from './acts.ts'
import type { Candidate, CodeHolder, Practitioner, SignedRequest } from './caller.ts'
import { knownKey } from './callers.ts'
import type { Context } from './context.ts'
import { Refusal } from './errors.ts'
import { hashOf } from './hash-of.ts'
import { type IdentityBook, identityPapers } from './identities.ts'
import { storedState } from './known.ts'
import { loadRecord } from './loaded.ts'
import {
  type Proposal,
  propose,
  proposedIdentities,
  recordOfLetter,
  recordProposed,
  verifyProposal,
  waiting,
} from './proposals.ts'
import type { Registrations } from './registrations.ts'
import { saveSlots } from './slots.ts'
import { nameEntry, saveBundle, saveEpochs, saveState } from './states.ts'
import { endOld, saveIdentity } from './succession.ts'
import type { WitnessedLog } from './witnessed.ts'

/** How far the time in a recovery may stand from the host's clock, milliseconds. */
const SIGNED_WITHIN_MS = 10 * 60_000

interface StoredRecovery {
  readonly hash: Hash
  readonly statement: string
  readonly seals: string
  readonly entry: Hash
}

const RECOVERY = { typ: StatementTyp.recovery, schema: Recovery } as const

export class Recoveries {
  readonly #context: Context
  readonly #registrations: Registrations
  readonly #witnessed: WitnessedLog
  readonly #identities: IdentityBook

  constructor(
    context: Context,
    parts: { registrations: Registrations; witnessed: WitnessedLog; identities: IdentityBook },
  ) {
    this.#context = context
    this.#registrations = parts.registrations
    this.#witnessed = parts.witnessed
    this.#identities = parts.identities
  }

  /**
   * Whom a new identity would follow, for the holder of a new letter. Of a letter that has proposed one, too: who comes
   * second with it shall get as far as to freeze it. Throws `Refusal` `registration-…`, `record-unknown`.
   */
  async papers(request: SignedRequest<CodeHolder>): Promise<IdentityPapers> {
    const { registration } = request.caller
    const record = await this.#context.acts.look(
      request,
      tx => recordProposed(tx, registration) ?? recordOfLetter(tx, this.#registrations, registration),
    )
    return identityPapers(this.#context, record)
  }

  /** Throws as `propose`. */
  propose(request: SignedRequest<CodeHolder>, proposal: IdentityProposal): Promise<IdentityProposed> {
    return propose(this.#context, this.#registrations, { request, proposal })
  }

  /** What waits, for the patient and whoever holds a grant. Throws `Refusal` `no-grant`. */
  async list(request: RecordRequest, record: RecordId): Promise<ProposedIdentities> {
    return this.#context.acts.attempt(request, { record, action: 'access.view', object: {} }, tx => {
      const { caller } = request
      if (caller.kind === 'patient') requireOwner(request, record)
      else requireGrant(tx, record, caller, request.at)
      return proposedIdentities(tx, record)
    })
  }

  /**
   * A professional who holds a grant vouches for a proposed identity. Its entry is where the 72 hours begin, and tells the
   * patient over every channel known. The same again gives the same receipt.
   * Throws `Refusal` `no-grant`, `recovery-unknown`, `recovery-stopped`, `statement-invalid`.
   */
  async start(
    request: SignedRequest<Practitioner>,
    record: RecordId,
    { recovery: text, seals }: RecoveryStart,
  ): Promise<{ receipt: string }> {
    const { acts, journal, store } = this.#context
    const hash = toBase64url(statementHash(text)) as Hash
    const again = store.read.get<{ entry: Hash }>('SELECT entry FROM warrants WHERE hash = @hash', { hash })
    if (again !== undefined) return { receipt: await acts.look(request, tx => journal.receiptOf(tx, again.entry)) }
    const act = { record, action: 'recovery.start', object: {} } as const
    const { entry } = await acts.performPrepared(request, act, {
      prepare: async () => {
        requireGrant(store.read, record, request.caller, request.at)
        const proposal = waiting(store.read, record, this.#claimed(text).to)
        const next = await this.#proposed(proposal)
        const previous = await loadRecord(this.#context, record)
        const recovery = await this.#verified(text, { record, key: request.caller.key, at: request.at, previous, next })
        const { compartments, t } = recovery.payload
        const whole =
          seals.length === compartments.length && compartments.every(({ seal }, i) => hashOf(seals[i] ?? '') === seal)
        if (!whole) throw new Refusal('statement-invalid', 'The recovery lacks one of its seals, or has another')
        if (Math.abs(Date.parse(t) - request.at.getTime()) > SIGNED_WITHIN_MS) {
          throw new Refusal('statement-invalid', 'The recovery was not signed now: set the clock and sign again')
        }
        return { recovery, next }
      },
      work: (tx, { recovery, next }) => {
        const held = requireGrant(tx, record, request.caller, request.at)
        const proposal = waiting(tx, record, next.hash)
        const state = peek(storedState(tx, held.state).statement, { typ: StatementTyp.state, schema: State })
        try {
          checkCovered(recovery.payload, { grant: held.grant, state })
        } catch (cause) {
          throw new Refusal('statement-invalid', `This recovery is refused: ${messageOf(cause)}`, { cause })
        }
        const { registration } = proposal
        return {
          object: { recovery: recovery.hash, identity: next.hash, registration },
          grant: held.hash,
          state: held.state,
          result: null,
          save: made => {
            saveIdentity(tx, proposal)
            tx.run(
              `INSERT INTO warrants (hash, record, kind, identity, statement, seals, entry)
               VALUES (@hash, @record, 'recovery', @identity, @text, @seals, @entry)`,
              { hash, record, identity: next.hash, text, seals: JSON.stringify(seals), entry: made.hash },
            )
          },
        }
      },
    })
    return { receipt: await acts.receipt(entry) }
  }

  /** The identity in force wants it not: nothing brings that one in any more. Throws `Refusal` `recovery-…`, `no-grant`. */
  async stop(request: RecordRequest, record: RecordId, identity: Hash): Promise<{ receipt: string }> {
    const object = { identity }
    const { entry } = await this.#context.acts.perform(request, { record, action: 'recovery.stop', object }, tx => {
      requireOwner(request, record)
      waiting(tx, record, identity)
      tx.run('UPDATE proposals SET stopped = 1 WHERE identity = @identity', { identity })
      return { object, grant: null, state: requireState(tx, record), result: null }
    })
    return { receipt: await this.#context.acts.receipt(entry) }
  }

  /**
   * What holds, and what professionals gave back, for the new identity once 72 hours of witnessed time have passed.
   * Throws `Refusal` `recovery-unknown`, `recovery-stopped`, `recovery-early` (with the time when it will do).
   */
  async recovered(request: SignedRequest<Candidate>): Promise<RecoveredState> {
    const { acts, store } = this.#context
    const { recordId: record, identity } = request.caller
    await acts.look(request, tx => waiting(tx, record, identity))
    const recoveries = await this.#ripe(identity)
    const state = store.read.get<{ statement: string; sets: string }>(
      'SELECT statement, sets FROM states WHERE record = @record ORDER BY seq DESC LIMIT 1',
      { record },
    )
    if (state === undefined) throw new Refusal('record-unknown', 'There is no such record here')
    const placements = store.read.all<{ statement: string }>(
      'SELECT statement FROM placements WHERE record = @record AND in_force = 1',
      { record },
    )
    return {
      state: state.statement,
      sets: JSON.parse(state.sets),
      placements: placements.map(({ statement }) => statement),
      recoveries: await Promise.all(recoveries.map(row => this.#given(row))),
    }
  }

  async #given(row: StoredRecovery): Promise<RecoveredState['recoveries'][number]> {
    const entered = await this.#identities.entered(row)
    if (entered === null) throw new TypeError('A recovery stands without its entry or its key')
    return { ...entered, seals: JSON.parse(row.seals) }
  }

  /** Recoveries whose 72 hours of witnessed time have passed. Throws `Refusal` `recovery-unknown`, `recovery-early`. */
  async #ripe(identity: Hash): Promise<StoredRecovery[]> {
    const rows = this.#context.store.read.all<StoredRecovery>(
      "SELECT hash, statement, seals, entry FROM warrants WHERE identity = @identity AND kind = 'recovery' LIMIT 64",
      { identity },
    )
    if (rows.length === 0) throw new Refusal('recovery-unknown', 'No professional has vouched for this identity yet')
    const now = this.#witnessed.now()?.getTime() ?? 0
    const known = await Promise.all(
      rows.map(async row => ({ row, since: (await this.#witnessed.of(row.entry))?.since })),
    )
    const due = ({ since }: { readonly since: Date | undefined }) =>
      since === undefined ? Number.POSITIVE_INFINITY : since.getTime() + RECOVERY_WAIT_MS
    const ripe = known.filter(each => due(each) <= now)
    if (ripe.length > 0) return ripe.map(({ row }) => row)
    const first = Math.min(...known.map(due))
    if (!Number.isFinite(first)) throw new Refusal('recovery-early', 'The witnesses do not know of the recovery yet')
    const retryAt = new Date(first).toISOString()
    throw new Refusal('recovery-early', `The 72 hours of witnessed time have not passed: come back at ${retryAt}`, {
      extra: { retryAt },
    })
  }

  /** The new identity comes into force. The same again gives the same receipt. Throws `Refusal` `recovery-…`, `state-…`. */
  async change(request: SignedRequest<Candidate>, change: IdentityChange): Promise<{ receipt: string }> {
    const { store, journal } = this.#context
    const { recordId: record } = request.caller
    const prepared = await this.#prepare(request, change)
    const { previous, next, warrant, proposal } = prepared
    const entry = await store.write(tx => {
      waiting(tx, record, proposal.identity)
      if (stateHash(tx, record) !== previous.state.hash) throw stale()
      const { registration, identity } = proposal
      const made = journal.append(tx, {
        chain: record,
        actor: { kind: 'patient', id: record, key: identity },
        action: 'identity.change',
        object: { identity, registration, [warrant.kind]: warrant.hash },
        outcome: 'ok',
        grant: null,
        state: next.state.hash,
        request,
      })
      saveIdentity(tx, proposal)
      if (warrant.kind === 'handover') {
        tx.run(
          `INSERT INTO warrants (hash, record, kind, identity, statement, seals, entry)
           VALUES (@hash, @record, 'handover', @identity, @text, '[]', @entry)`,
          { hash: warrant.hash, record, identity, text: warrant.text, entry: made.hash },
        )
      }
      saveState(tx, next)
      nameEntry(tx, next.state.hash, made)
      saveEpochs(tx, record, next.state.payload)
      saveBundle(tx, record, next.state.payload.bundle.version, change.bundle)
      saveSlots(tx, record, change.slots, { devices: next.sets.devices, at: request.at })
      tx.run('UPDATE grants SET in_force = 0 WHERE record = @record', { record })
      endOld(tx, record, warrant.kind)
      // To the insurer it is an opening by that letter: the activation letter leaves only then.
      tx.run(
        `UPDATE records SET identity = @identity, registration = @registration, opened_at = @at,
           position = (SELECT MAX(position) + 1 FROM records) WHERE record = @record`,
        { identity, registration, at: new Date(proposal.proposed).toISOString(), record },
      )
      return made
    })
    return { receipt: await journal.receipt(entry) }
  }

  async #prepare({ caller, at }: SignedRequest<Candidate>, change: IdentityChange) {
    const { store, deployment } = this.#context
    const { recordId: record, identity } = caller
    const proposal = waiting(store.read, record, identity)
    const { by } = change
    const ripe = 'recovery' in by ? (await this.#ripe(identity)).find(({ hash }) => hash === by.recovery) : null
    if (ripe === undefined) throw new Refusal('recovery-unknown', 'No such recovery has waited its 72 hours')
    const previous = await loadRecord(this.#context, record)
    try {
      const next = await this.#proposed(proposal)
      const context = { deployment, recordId: record, identity: previous.identity, next }
      const warrant =
        'handover' in by
          ? await this.#handedOver(by.handover, context)
          : await this.#recovered(ripe as StoredRecovery, { record, at, previous, next })
      const state = await verifyState(change.state, { deployment, recordId: record, identity: next })
      if (state.payload.prev !== previous.state.hash) throw stale()
      const none = { grants: new Map(), delegations: new Map() }
      const inForce: StateInForce = { ...previous, ...none, state, sets: change.sets, identity: next }
      checkSuccessor('identity.change', previous, inForce, warrant.warrant)
      if (hashOf(change.bundle) !== state.payload.bundle.hash) {
        throw new Refusal('state-invalid', 'The bundle is not the one that the state names')
      }
      return { previous, next: inForce, warrant, proposal }
    } catch (cause) {
      if (Refusal.is(cause)) throw cause
      throw new Refusal('state-invalid', `This change of identity is refused: ${messageOf(cause)}`, { cause })
    }
  }

  async #handedOver(text: string, context: Parameters<typeof verifyHandover>[1]): Promise<NamedWarrant> {
    const handover = await verifyHandover(text, context)
    return { kind: 'handover', hash: handover.hash, text, warrant: byHandover(handover) }
  }

  async #recovered(
    { statement, entry }: StoredRecovery,
    context: { record: RecordId; at: Date; previous: StateInForce; next: Verified<Identity> },
  ): Promise<NamedWarrant> {
    const recovery = await this.#verified(statement, { ...context, key: kidOf(statement) })
    const startedAt = (await this.#witnessed.of(entry))?.since
    const at = this.#witnessed.now()
    if (startedAt === undefined || at === null) throw new Refusal('recovery-early', 'No witness has told the time')
    // That it was not stopped is looked at in the very unit that brings the identity in.
    const warrant = byRecovery(recovery, { startedAt, at, stopped: false })
    return { kind: 'recovery', hash: recovery.hash, text: statement, warrant }
  }

  /** Throws `Refusal` `statement-invalid`. */
  async #verified(
    text: string,
    input: { record: RecordId; key: Hash; at: Date; previous: StateInForce; next: Verified<Identity> },
  ): Promise<Verified<Recovery>> {
    const { store, deployment, cardAuthorities } = this.#context
    const { record, previous, next, at } = input
    const signed = new Date(this.#claimed(text).t)
    const key = knownKey(store.read, input.key, signed)
    if (key === null) throw new Refusal('statement-invalid', 'The recovery is signed by a key that is not known here')
    try {
      return await verifyRecovery(text, {
        deployment,
        recordId: record,
        identity: previous.identity,
        next,
        key: { hash: input.key, verifyKey: key.verifyKey, payload: { kind: key.kind, nationalId: key.id } },
        cardAuthorities,
        crls: this.#context.crls(),
        at: signed,
        listsAt: at,
      })
    } catch (cause) {
      throw new Refusal('statement-invalid', `This recovery does not verify: ${messageOf(cause)}`, { cause })
    }
  }

  #claimed(text: string): Recovery {
    try {
      return peek(text, RECOVERY)
    } catch (cause) {
      throw new Refusal('statement-invalid', `This is no recovery: ${messageOf(cause)}`, { cause })
    }
  }

  #proposed({ statement: text, registration }: Proposal): Promise<Verified<Identity>> {
    return verifyProposal(this.#context, this.#registrations, { registration, text })
  }
}

/** What let an identity in, as its entry names it. */
interface NamedWarrant {
  readonly kind: 'recovery' | 'handover'
  readonly hash: Hash
  readonly text: string
  readonly warrant: Warrant
}

/** The working key that a recovery names. */
function kidOf(recovery: string): Hash {
  return String(parseStatement(recovery).signatures[1]?.header.kid) as Hash
}

function stale(): Refusal {
  return new Refusal('state-stale', 'Another change came first; fetch the state in force and make yours again')
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'it does not verify'
}
