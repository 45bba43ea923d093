import { verifyActivation } from '../log/activation.ts'
import { recordIdOf, verifyIdentity } from '../log/identity.ts'
import { checkFirst, verifyState } from '../log/state-chain.ts'
import { peek } from '../log/verified.ts'
import type { Hash, Ins, RecordId } from '../protocol/ids.ts'
import type {
  ActivationRequest,
  ActivationState,
  RecordOpened,
  RecordOpening,
  RecordState,
  Vaultkeys,
} from '../protocol/messages.ts'
import { Identity, StatementTyp } from '../protocol/statements.ts'
import type { Accounts } from './accounts.ts'
import { requireState } from './acts.ts'
import type { CodeHolder, Patient, SignedRequest } from './caller.ts'
import { contactHash } from './contact-hash.ts'
import type { Context } from './context.ts'
import { Refusal } from './errors.ts'
import { hashOf } from './hash-of.ts'
import { identityChain, identityPapers } from './identities.ts'
import type { Registrations, StoredRegistration } from './registrations.ts'
import { saveSlots, slotsOf } from './slots.ts'
import { nameEntry, type States, saveBundle, saveEpochs, saveState } from './states.ts'

/** Opening and activation of records. */
export class Records {
  readonly #context: Context
  readonly #registrations: Registrations
  readonly #states: States
  readonly #accounts: Accounts

  constructor(context: Context, parts: { registrations: Registrations; states: States; accounts: Accounts }) {
    this.#context = context
    this.#registrations = parts.registrations
    this.#states = parts.states
    this.#accounts = parts.accounts
  }

  /** The record of an INS, or null. */
  findByIns(ins: Ins): RecordId | null {
    const row = this.#context.store.read.get<{ record: RecordId }>('SELECT record FROM records WHERE ins = @ins', {
      ins,
    })
    return row?.record ?? null
  }

  /**
   * Opens a record. The same opening again gives the same receipt; another identity under the same code freezes it.
   * Throws `Refusal` `registration-…`, `identity-invalid`, `state-invalid`, `record-exists`.
   */
  async open(request: SignedRequest<Patient>, opening: RecordOpening): Promise<RecordOpened> {
    const { store, journal } = this.#context
    const { identity, state, registration } = await this.#verifyOpening(request, opening)
    const recordId = recordIdOf(identity)
    const outcome = await store.write(tx => {
      const again = tx.get<{ entry: Hash; hash: Hash }>(
        'SELECT entry, hash FROM states WHERE record = @recordId AND seq = 0',
        { recordId },
      )
      if (again !== undefined) {
        if (again.hash !== state.hash) {
          throw new Refusal('record-exists', 'This record was opened already, with another first state')
        }
        journal.takeNonce(tx, request)
        return { entry: again.entry }
      }
      const used = tx.get<StoredRegistration>('SELECT * FROM registrations WHERE hash = @hash', { hash: registration })
      if (used?.used_by) {
        // Two identities under one code: somebody else holds the letter. Nothing goes on until the insurer has looked.
        journal.takeNonce(tx, request)
        tx.run('UPDATE registrations SET frozen = 1 WHERE hash = @hash', { hash: registration })
        return { frozen: true as const }
      }
      const { ins } = this.#registrations.usable(tx, registration, 'opening')
      if (tx.get('SELECT 1 FROM records WHERE ins = @ins', { ins }) !== undefined) {
        throw new Refusal('record-exists', 'This person has a record already; ask the health insurer how to recover it')
      }
      const entry = journal.append(tx, {
        chain: recordId,
        actor: { kind: 'patient', id: recordId, key: identity.hash },
        action: 'record.open',
        object: { identity: identity.hash, registration },
        outcome: 'ok',
        grant: null,
        state: state.hash,
        request,
      })
      tx.run('UPDATE registrations SET used_by = @by WHERE hash = @hash', { by: identity.hash, hash: registration })
      tx.run(
        `INSERT INTO records (record, position, ins, identity, registration, opened_at)
         VALUES (@recordId, (SELECT COALESCE(MAX(position), 0) + 1 FROM records), @ins, @identity, @registration, @t)`,
        { recordId, ins, identity: identity.hash, registration, t: entry.parsed.event.t },
      )
      tx.run('INSERT INTO identities (hash, record, sign_key, statement) VALUES (@hash, @recordId, @key, @text)', {
        hash: identity.hash,
        recordId,
        key: identity.payload.signKey,
        text: identity.text,
      })
      saveState(tx, { state, sets: opening.sets })
      nameEntry(tx, state.hash, entry)
      saveEpochs(tx, recordId, state.payload)
      saveBundle(tx, recordId, state.payload.bundle.version, opening.bundle)
      saveSlots(tx, recordId, opening.slots, { devices: opening.sets.devices, at: request.at })
      return { entry: entry.hash }
    })
    if (outcome.frozen) {
      throw new Refusal(
        'registration-frozen',
        'This code was already used by someone else and is now blocked; call the health insurer',
      )
    }
    return { recordId, receipt: await journal.receiptOf(store.read, outcome.entry) }
  }

  async #verifyOpening({ caller }: SignedRequest<Patient>, opening: RecordOpening) {
    const { store, deployment } = this.#context
    try {
      const named = store.read.get<StoredRegistration>('SELECT g.* FROM registrations g WHERE g.hash = @hash', {
        hash: registrationNamed(opening.identity),
      })
      if (named === undefined) throw new Refusal('registration-invalid', 'This code is not known here')
      const registration = await this.#registrations.verified(named)
      const identity = await verifyIdentity(opening.identity, { registration })
      const recordId = recordIdOf(identity)
      if (identity.payload.prevIdentity !== null) {
        throw new Refusal('identity-invalid', 'A record’s first identity follows none')
      }
      if (identity.hash !== caller.identity || recordId !== caller.recordId) {
        throw new Refusal('identity-invalid', 'The request is not signed by the identity it brings')
      }
      const state = await verifyState(opening.state, { deployment, recordId, identity })
      checkFirst({ state, sets: opening.sets })
      if (hashOf(opening.bundle) !== state.payload.bundle.hash) {
        throw new Refusal('state-invalid', 'The bundle is not the one that the state names')
      }
      return { identity, state, registration: registration.hash }
    } catch (cause) {
      if (cause instanceof Refusal) throw cause
      throw new Refusal('identity-invalid', `This opening does not verify: ${messageOf(cause)}`, { cause })
    }
  }

  /** Sealed material for who holds an activation code. Throws `Refusal` `registration-…`, `record-unknown`. */
  async material(request: SignedRequest<CodeHolder>): Promise<Vaultkeys> {
    const record = await this.#context.acts.look(request, tx => this.#recordToActivate(tx, request.caller.registration))
    return this.keysOf(record)
  }

  #recordToActivate(tx: Parameters<Registrations['usable']>[0], registration: Hash): RecordId {
    const { ins } = this.#registrations.usable(tx, registration, 'activation')
    const row = tx.get<{ record: RecordId; frozen: number; active: number }>(
      `SELECT r.record, g.frozen, (SELECT COUNT(*) FROM accounts a WHERE a.record = r.record) AS active
       FROM records r JOIN registrations g ON g.hash = r.registration WHERE r.ins = @ins`,
      { ins },
    )
    if (row === undefined) throw new Refusal('record-unknown', 'Open the record first, with the opening code')
    // Two people used the opening letter: which of them opened this record is the insurer's to find out. A record in use
    // is not taken hostage by who finds its old letter.
    if (row.frozen === 1 && row.active === 0) {
      throw new Refusal('registration-frozen', 'Two identities used the letter that opened this record')
    }
    return row.record
  }

  /** Bundle and slots; nothing in it opens without a secret that the host does not have. Throws `record-unknown`. */
  keysOf(record: RecordId): Vaultkeys {
    const { read } = this.#context.store
    const papers = identityPapers(this.#context, record)
    const state = read.get<{ statement: string; sets: string }>(
      'SELECT statement, sets FROM states WHERE record = @record ORDER BY seq DESC LIMIT 1',
      { record },
    )
    const bundle = read.get<{ bytes: string }>('SELECT bytes FROM bundles WHERE record = @record', { record })
    if (state === undefined || bundle === undefined) throw new Refusal('record-unknown', 'There is no such record here')
    return {
      ...papers,
      state: state.statement,
      sets: JSON.parse(state.sets),
      bundle: bundle.bytes,
      slots: slotsOf(read, record),
    }
  }

  /**
   * What holds now in a record that is activated anew, for who holds the code *and* the kit: the activation is signed by
   * the identity's key, which the kit alone opens. Throws `Refusal` `activation-invalid`, `registration-…`.
   */
  async stateToActivate(request: SignedRequest<CodeHolder>, { activation }: ActivationState): Promise<RecordState> {
    const { registration: hash } = request.caller
    const record = await this.#context.acts.look(request, tx => this.#recordToActivate(tx, hash))
    await this.#verifyActivation(record, hash, activation)
    return this.#states.inForce(this.#context.store.read, record)
  }

  /** Throws `Refusal` `activation-invalid`, `code-refused` (one-time password), `registration-…`, `state-…`. */
  async activate(request: SignedRequest<CodeHolder>, body: ActivationRequest): Promise<{ receipt: string }> {
    const { store, journal, clock } = this.#context
    const hash = request.caller.registration
    const recordId = this.#recordToActivate(store.read, hash)
    const { activation, identity } = await this.#verifyActivation(recordId, hash, body.activation)
    if (activation.payload.opaque !== hashOf(body.opaqueRecord)) {
      throw new Refusal('activation-invalid', 'The activation names another secret code’s registration')
    }
    if (activation.payload.contact !== contactHash(body)) {
      throw new Refusal('activation-invalid', 'The activation names another contact')
    }
    const change = { ...body, grants: [], placements: [] }
    const prepared = await this.#states.prepare(recordId, 'account.activate', change)
    const entry = await store.write(tx => {
      if (this.#recordToActivate(tx, hash) !== recordId) throw new Refusal('record-unknown', 'The record is gone')
      requireState(tx, recordId)
      const { opaqueRecord, contact, contactSalt, challenge } = body
      this.#accounts.activate(tx, {
        recordId,
        registration: hash,
        opaqueRecord,
        contact,
        contactSalt,
        challenge,
        at: clock(),
      })
      this.#states.apply(tx, recordId, prepared, request.at)
      tx.run('UPDATE registrations SET used_by = @by WHERE hash = @hash', { by: activation.hash, hash })
      tx.run(
        `INSERT INTO activations (hash, record, registration, statement)
         VALUES (@hash, @recordId, @registration, @text)`,
        { hash: activation.hash, recordId, registration: hash, text: activation.text },
      )
      const made = journal.append(tx, {
        chain: recordId,
        actor: { kind: 'patient', id: recordId, key: identity },
        action: 'account.activate',
        object: { registration: hash, activation: activation.hash },
        outcome: 'ok',
        grant: null,
        state: prepared.next.state.hash,
        request,
      })
      nameEntry(tx, prepared.next.state.hash, made)
      return made
    })
    return { receipt: await journal.receipt(entry) }
  }

  /** Signed by the code's key and by the identity. */
  async #verifyActivation(recordId: RecordId, hash: Hash, text: string) {
    const stored = this.#context.store.read.get<StoredRegistration>('SELECT * FROM registrations WHERE hash = @hash', {
      hash,
    })
    if (stored === undefined) throw new Refusal('registration-invalid', 'This code is not known here')
    try {
      const registration = await this.#registrations.verified(stored)
      const { identity } = await identityChain(this.#context, recordId)
      const activation = await verifyActivation(text, { registration, identity, recordId })
      return { activation, identity: identity.hash }
    } catch (cause) {
      if (cause instanceof Refusal) throw cause
      throw new Refusal('activation-invalid', `This activation does not verify: ${messageOf(cause)}`, { cause })
    }
  }
}

function registrationNamed(identity: string): Hash {
  return peek(identity, { typ: StatementTyp.identity, schema: Identity }).registration
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'it is malformed'
}
