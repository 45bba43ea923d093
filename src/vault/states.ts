import { toBase64url } from '../crypto/bytes.ts'
import { statementHash } from '../crypto/statement.ts'
import { described } from '../log/audit/described.ts'
import { verifyGrant, verifyPlacement } from '../log/grant.ts'
import { checkSuccessor, verifyState } from '../log/state-chain.ts'
import type { ChangeAction } from '../log/state-changes.ts'
import type { StateInForce } from '../log/state-in-force.ts'
import { peek, type Verified } from '../log/verified.ts'
import type { CompartmentId, Hash, RecordId } from '../protocol/ids.ts'
import type { EpochLinks, RecordState, SealedPlacement, StateChange } from '../protocol/messages.ts'
import type { Slot } from '../protocol/record.ts'
import { Grant, type Placement, type State, StatementTyp } from '../protocol/statements.ts'
import { type RecordRequest, requireOwner, stateHash } from './acts.ts'
import type { Patient, SignedRequest } from './caller.ts'
import { destroyedAt, requireNotClosed } from './closing.ts'
import type { Context } from './context.ts'
import { Refusal } from './errors.ts'
import { hashOf } from './hash-of.ts'
import { loadRecord } from './loaded.ts'
import { requireRecentSignIn, sessionName } from './sensitive.ts'
import { saveSlots } from './slots.ts'
import type { Tx } from './store/store.ts'

/** Changes that decide who can get in. */
const SENSITIVE: ReadonlySet<ChangeAction> = new Set(['device.add', 'device.remove'])

/** Changes that let somebody else in. */
const LETS_IN: ReadonlySet<string> = new Set(['grant.give', 'delegation.give', 'access.unblock'])

/** A verified change, ready to be applied in one unit of work. */
export interface PreparedChange {
  readonly previous: StateInForce
  readonly next: StateInForce
  readonly grants: readonly { readonly statement: Verified<Grant>; readonly seals: readonly string[] }[]
  readonly placement: { readonly statement: Verified<Placement>; readonly envelope: string } | null
  readonly slots: readonly Slot[]
  /** Null when the state names the same bundle as before. */
  readonly bundle: string | null
}

/** The patient's chain of states: what holds now, and how it changes. */
export class States {
  readonly #context: Context

  constructor(context: Context) {
    this.#context = context
  }

  /** The patient's view. Throws `Refusal` `no-grant`. */
  async view(request: RecordRequest, record: RecordId): Promise<RecordState> {
    requireOwner(request, record)
    return this.#context.acts.look(request, tx => this.inForce(tx, record))
  }

  /** The same for who may see it by another right. Throws `Refusal` `record-unknown`. */
  inForce(tx: Tx, record: RecordId): RecordState {
    const state = tx.get<{ statement: string; sets: string }>(
      'SELECT statement, sets FROM states WHERE record = @record ORDER BY seq DESC LIMIT 1',
      { record },
    )
    if (state === undefined) throw new Refusal('record-unknown', 'There is no such record here')
    const grants = tx.all<{ statement: string; seals: string }>(
      'SELECT statement, seals FROM grants WHERE record = @record AND in_force = 1',
      { record },
    )
    const placements = tx.all<SealedPlacement>(
      `SELECT p.statement, d.envelope FROM placements p
       JOIN documents d ON d.record = p.record AND d.document = p.document
       WHERE p.record = @record AND p.in_force = 1`,
      { record },
    )
    const bundle = tx.get<{ bytes: string }>('SELECT bytes FROM bundles WHERE record = @record', { record })
    const withdrawn = withdrawnOf(tx, grants)
    const due = destroyedAt(tx, record)
    return {
      state: state.statement,
      sets: JSON.parse(state.sets),
      grants: grants.map(({ statement, seals }) => ({ statement, seals: JSON.parse(seals) })),
      placements,
      bundle: bundle?.bytes ?? '',
      ...(withdrawn.length > 0 && { withdrawn }),
      ...(due !== null && { destroyedAt: due }),
    }
  }

  /** Brings the next state into force. Throws `Refusal` `no-grant`, `state-stale`, `state-invalid`, … */
  async change(request: RecordRequest, record: RecordId, change: StateChange): Promise<{ receipt: string }> {
    const { acts, journal } = this.#context
    const again = this.#receiptOfState(record, statementHashText(change.state))
    if (again !== null) return { receipt: await acts.look(request, tx => journal.receiptOf(tx, again)) }
    const { entry } = await acts.performPrepared(
      request,
      { record, action: change.action, object: {} },
      {
        prepare: async () => {
          requireOwner(request, record)
          if (SENSITIVE.has(change.action)) requireRecentSignIn(this.#context.store.read, request)
          return this.prepare(record, change.action, change)
        },
        work: (tx, prepared) => {
          requireOwner(request, record)
          if (LETS_IN.has(change.action)) requireNotClosed(tx, record)
          const object = described(change.action, prepared.previous, prepared.next) ?? {}
          this.apply(tx, record, prepared, request.at)
          this.#consequences(tx, request, change.action, prepared)
          if (change.answers !== null) {
            tx.run('UPDATE access_requests SET open = 0 WHERE request = @request AND record = @record', {
              request: change.answers,
              record,
            })
          }
          const { hash } = prepared.next.state
          return { object, grant: null, state: hash, result: null, save: entry => nameEntry(tx, hash, entry) }
        },
      },
    )
    // What the old envelope's page looked like still stands in the write-ahead log: destroyed means gone from there too.
    if (change.placements.length > 0) this.#context.store.maintain()
    return { receipt: await acts.receipt(entry) }
  }

  #receiptOfState(record: RecordId, hash: Hash): Hash | null {
    const row = this.#context.store.read.get<{ entry: Hash }>(
      'SELECT entry FROM states WHERE record = @record AND hash = @hash',
      { record, hash },
    )
    return row?.entry ?? null
  }

  /** Verifies a change against what holds now. Throws `Refusal` `state-stale`, `state-invalid`, `statement-invalid`. */
  async prepare(
    record: RecordId,
    action: ChangeAction,
    change: Pick<StateChange, 'state' | 'sets' | 'grants' | 'placements' | 'slots' | 'bundle'>,
  ): Promise<PreparedChange> {
    const previous = await loadRecord(this.#context, record)
    const place = { deployment: this.#context.deployment, recordId: record, identity: previous.identity }
    try {
      const state = await verifyState(change.state, place)
      if (state.payload.prev !== previous.state.hash) {
        throw new Refusal('state-stale', 'Another change came first; fetch the state in force and make yours again')
      }
      const grants = await Promise.all(
        change.grants.map(async ({ statement, seals }) => ({ statement: await verifyGrant(statement, place), seals })),
      )
      const placements = await Promise.all(
        change.placements.map(async ({ statement, envelope }) => ({
          statement: await verifyPlacement(statement, place),
          envelope,
        })),
      )
      const next: StateInForce = {
        ...previous,
        state,
        sets: change.sets,
        grants: kept(change.sets.grants, previous.grants, grants),
        placements: kept(change.sets.placements, previous.placements, placements),
      }
      checkSuccessor(action, previous, next)
      const { slots, bundle } = change
      const prepared = { previous, next, grants, placement: placements[0] ?? null, slots, bundle }
      checkParts(prepared)
      return prepared
    } catch (cause) {
      if (Refusal.is(cause)) throw cause
      throw new Refusal('state-invalid', `This change is not one the record may take: ${messageOf(cause)}`, { cause })
    }
  }

  /** Applies a prepared change. Throws `Refusal` `state-stale` when another came first, `statement-invalid`. */
  apply(tx: Tx, record: RecordId, prepared: PreparedChange, at: Date): void {
    const { previous, next, grants, placement, slots, bundle } = prepared
    if (stateHash(tx, record) !== previous.state.hash) {
      throw new Refusal('state-stale', 'Another change came first; fetch the state in force and make yours again')
    }
    saveState(tx, next)
    saveEpochs(tx, record, next.state.payload)
    if (bundle !== null) saveBundle(tx, record, next.state.payload.bundle.version, bundle)
    tx.run('UPDATE grants SET in_force = 0 WHERE record = @record', { record })
    for (const { statement, seals } of grants) this.#saveGrant(tx, record, statement, seals)
    for (const hash of next.sets.grants) tx.run('UPDATE grants SET in_force = 1 WHERE hash = @hash', { hash })
    if (placement !== null) this.#place(tx, record, placement)
    const { devices } = next.sets
    const same =
      devices.length === previous.sets.devices.length && devices.every(leaf => previous.sets.devices.includes(leaf))
    if (!same || slots.length > 0) saveSlots(tx, record, slots, { devices, at })
  }

  /** What else ends with a change: the sessions of a device that is gone, the requests of somebody who is blocked. */
  #consequences(
    tx: Tx,
    { caller: { recordId: record }, session }: SignedRequest<Patient>,
    action: ChangeAction,
    { next }: PreparedChange,
  ): void {
    if (action === 'device.remove') {
      tx.run('DELETE FROM sessions WHERE record = @record AND session <> @own', { record, own: sessionName(session) })
      tx.run('DELETE FROM tickets WHERE record = @record', { record })
    }
    if (action === 'access.block') {
      for (const id of next.sets.blocked) {
        tx.run('UPDATE access_requests SET open = 0 WHERE record = @record AND national_id = @id', { record, id })
      }
    }
  }

  /** From the current epoch down to 0. For the patient, or a professional with `read` there (`allowed` says). */
  epochs(tx: Tx, record: RecordId, compartment: CompartmentId): EpochLinks {
    const rows = tx.all<EpochLinks['epochs'][number]>(
      `SELECT epoch, public_key AS publicKey, link FROM epochs
       WHERE record = @record AND compartment = @compartment ORDER BY epoch DESC LIMIT 4096`,
      { record, compartment },
    )
    if (rows.length === 0) throw new Refusal('no-grant', 'There is no such compartment, or it is not open to you')
    return { epochs: rows }
  }

  #saveGrant(tx: Tx, record: RecordId, { hash, text, payload }: Verified<Grant>, seals: readonly string[]): void {
    const { kind, id, keyStatement } = payload.grantee
    const key = tx.get<{ kind: string; national_id: string }>('SELECT kind, national_id FROM keys WHERE hash = @hash', {
      hash: keyStatement,
    })
    if (key === undefined || key.kind !== kind || key.national_id !== id) {
      throw new Refusal('statement-invalid', 'The grant names a key that its grantee did not publish here')
    }
    tx.run(
      `INSERT INTO grants (hash, record, grantee_kind, grantee, statement, seals, in_force)
       VALUES (@hash, @record, @kind, @id, @text, @seals, 1)`,
      { hash, record, kind, id, text, seals: JSON.stringify(seals) },
    )
  }

  #place(tx: Tx, record: RecordId, { statement, envelope }: NonNullable<PreparedChange['placement']>): void {
    const { hash, text, payload } = statement
    const { documentId: document, from, to } = payload
    tx.run('UPDATE placements SET in_force = 0 WHERE record = @record AND document = @document', { record, document })
    tx.run(
      `INSERT INTO placements (hash, record, document, statement, in_force)
       VALUES (@hash, @record, @document, @text, 1)`,
      { hash, record, document, text },
    )
    // The envelope before is overwritten: with secure_delete on, its bytes are gone from the database too.
    const moved = tx.run(
      `UPDATE documents SET compartment = @to, placement = @text, envelope = @envelope
       WHERE record = @record AND document = @document AND compartment = @from`,
      { to, text, envelope, record, document, from },
    )
    if (moved !== 1) throw new Refusal('document-unknown', 'The document does not lie where the placement says')
  }
}

/** Keys that these grants are sealed to and that their holders took back. */
function withdrawnOf(tx: Tx, grants: readonly { readonly statement: string }[]): Hash[] {
  return grants
    .map(({ statement }) => peek(statement, { typ: StatementTyp.grant, schema: Grant }).grantee.keyStatement)
    .filter(key => tx.get('SELECT 1 FROM withdrawals WHERE key = @key', { key }) !== undefined)
}

/** The statements of a set: those given with the change, and those that stay from before. */
function kept<T>(
  hashes: readonly Hash[],
  before: ReadonlyMap<Hash, Verified<T>>,
  given: readonly { readonly statement: Verified<T> }[],
): Map<Hash, Verified<T>> {
  const fresh = new Map(given.map(({ statement }) => [statement.hash, statement]))
  if (fresh.size !== given.length || given.some(({ statement }) => !hashes.includes(statement.hash))) {
    throw new Refusal('state-invalid', 'A statement was sent that the state does not name')
  }
  return new Map(
    hashes.flatMap(hash => {
      const statement = fresh.get(hash) ?? before.get(hash)
      return statement === undefined ? [] : [[hash, statement] as const]
    }),
  )
}

/** Seals, envelope and bundle are those whose hashes were signed. */
function checkParts({ previous, next, grants, placement, bundle }: PreparedChange): void {
  for (const { statement, seals } of grants) {
    const { compartments } = statement.payload
    const whole =
      seals.length === compartments.length && compartments.every(({ seal }, i) => hashOf(seals[i] ?? '') === seal)
    if (!whole) throw new Refusal('state-invalid', 'A grant lacks one of its seals, or has another')
  }
  if (placement !== null && hashOf(placement.envelope) !== placement.statement.payload.envelope) {
    throw new Refusal('state-invalid', 'The envelope is not the one that the placement names')
  }
  const [before, after] = [previous.state.payload.bundle, next.state.payload.bundle]
  const changed = before.version !== after.version
  if (changed !== (bundle !== null) || (bundle !== null && hashOf(bundle) !== after.hash)) {
    throw new Refusal('state-invalid', 'The bundle is not the one that the state names')
  }
}

/** Inserts a state. */
export function saveState(tx: Tx, { state, sets }: Pick<StateInForce, 'state' | 'sets'>): void {
  const { recordId: record, seq } = state.payload
  tx.run(
    `INSERT INTO states (hash, record, seq, statement, sets, entry)
     VALUES (@hash, @record, @seq, @text, @sets, '')`,
    { hash: state.hash, record, seq, text: state.text, sets: JSON.stringify(sets) },
  )
}

/** Names the entry that brings a state into force, in the same unit as both. */
export function nameEntry(tx: Tx, state: Hash, entry: { readonly hash: Hash }): void {
  tx.run('UPDATE states SET entry = @entry WHERE hash = @state', { entry: entry.hash, state })
}

/** Remembers the epochs that a state names, with their links. */
export function saveEpochs(tx: Tx, record: RecordId, state: State): void {
  for (const { id, epoch, publicKey, link } of state.compartments) {
    tx.run(
      `INSERT INTO epochs (record, compartment, epoch, public_key, link) VALUES (@record, @id, @epoch, @publicKey, @link)
       ON CONFLICT (record, compartment, epoch) DO NOTHING`,
      { record, id, epoch, publicKey, link },
    )
  }
}

export function saveBundle(tx: Tx, record: RecordId, version: number, bytes: string): void {
  tx.run(
    `INSERT INTO bundles (record, version, bytes) VALUES (@record, @version, @bytes)
     ON CONFLICT (record) DO UPDATE SET version = excluded.version, bytes = excluded.bytes`,
    { record, version, bytes },
  )
}

const statementHashText = (text: string): Hash => toBase64url(statementHash(text)) as Hash

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'it does not verify'
}
