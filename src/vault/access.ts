import { randomBytes, toBase64url } from '../crypto/bytes.ts'
import { isBlocked } from '../log/blocked.ts'
import { readable } from '../log/grant.ts'
import { proveLeaf } from '../log/sets.ts'
import type { CompartmentId, Hash, Ins, Instant, RecordId, RequestId } from '../protocol/ids.ts'
import type { AccessRequested, EpochLinks, PendingRequests, RecordAccess, SealedGrant } from '../protocol/messages.ts'
import type { Grant, Right } from '../protocol/statements.ts'
import type { IdentityVersions } from '../protocol/succession.ts'
import { type RecordRequest, requireOwner, requireState } from './acts.ts'
import type { Practitioner, SignedRequest } from './caller.ts'
import { isClosed } from './closing.ts'
import type { Context } from './context.ts'
import { Refusal } from './errors.ts'
import { type IdentityBook, identityPapers } from './identities.ts'
import { grantIn, grantOf, setsOfState, storedState } from './known.ts'
import type { States } from './states.ts'
import type { Tx } from './store/store.ts'

/** Requests that may wait for one patient's answer. */
const MAX_PENDING = 256

/** A grant in force and not past its term, as an act relies on it. */
export interface HeldGrant {
  readonly hash: Hash
  readonly grant: Grant
  readonly state: Hash
}

/**
 * The caller's grant: a leaf of the state in force, for exactly this holder, before its term, the holder not blocked, no key withdrawn.
 * Throws `Refusal` `no-grant`, `record-unknown`. Whatever a professional does in a record goes through here.
 */
export function requireGrant(tx: Tx, record: RecordId, caller: Practitioner, at: Date): HeldGrant {
  const none = () => new Refusal('no-grant', 'The patient has not given you access to this; ask for it')
  const state = requireState(tx, record)
  const hash = grantIn(tx, { record, state }, caller)
  if (hash === null || isBlocked(setsOfState(tx, state).blocked, caller)) throw none()
  const grant = grantOf(tx, hash)
  if (at.getTime() >= Date.parse(grant.until)) throw none()
  // The key that asks, and the one whose holder can open the grant: both may be in somebody else's hands now.
  const withdrawn = tx.get('SELECT 1 FROM withdrawals WHERE key = @key OR key = @sealed', {
    key: caller.key,
    sealed: grant.grantee.keyStatement,
  })
  if (withdrawn !== undefined) throw none()
  return { hash, grant, state }
}

/** A grant with its seals, as its holder gets it. */
function sealedGrant(tx: Tx, hash: Hash): SealedGrant {
  const row = tx.get<{ statement: string; seals: string }>('SELECT statement, seals FROM grants WHERE hash = @hash', {
    hash,
  })
  if (row === undefined) throw new TypeError('There is no such grant in the store')
  return { statement: row.statement, seals: JSON.parse(row.seals) as string[] }
}

/** Throws `Refusal` `no-grant` when the patient has blocked who asks, or closed the record: one answer for both. */
function requireWelcome(tx: Tx, record: RecordId, caller: Practitioner): void {
  const unwanted = () => new Refusal('no-grant', 'The patient does not want to be asked by you')
  if (isClosed(tx, record)) throw unwanted()
  if (!isBlocked(setsOfState(tx, requireState(tx, record)).blocked, caller)) return
  throw unwanted()
}

/** Throws `Refusal` `no-grant` unless the grant gives the right on that compartment. */
export function requireRight({ grant }: HeldGrant, right: Right, compartment: CompartmentId): void {
  if (!grant.compartments.some(({ id, rights }) => id === compartment && rights.includes(right))) {
    throw new Refusal('no-grant', `The patient has not given you the right to ${right} there; ask for it`)
  }
}

/** Grants as their holders see them, and requests for access. */
export class Access {
  readonly #context: Context
  readonly #states: States
  readonly #identities: IdentityBook

  constructor(context: Context, { states, identities }: { states: States; identities: IdentityBook }) {
    this.#context = context
    this.#states = states
    this.#identities = identities
  }

  /** The caller's own grant, its place in the state, and who the patient is. A refusal is logged. Throws `Refusal` `no-grant`. */
  async view(request: SignedRequest<Practitioner>, record: RecordId): Promise<RecordAccess> {
    const papers = identityPapers(this.#context, record)
    return this.#context.acts.attempt(request, { record, action: 'access.view', object: {} }, tx => {
      const held = requireGrant(tx, record, request.caller, request.at)
      const { statement: state, sets } = storedState(tx, held.state)
      return {
        ...papers,
        state,
        grant: sealedGrant(tx, held.hash),
        proof: proveLeaf(sets, 'grants', held.hash),
      }
    })
  }

  /** Every identity the record ever had, for its patient and for who has a grant. Throws `Refusal` `no-grant`. */
  async identities(request: RecordRequest, record: RecordId): Promise<IdentityVersions> {
    await this.#context.acts.attempt(request, { record, action: 'access.view', object: {} }, tx => {
      const { caller } = request
      if (caller.kind === 'patient') requireOwner(request, record)
      else requireGrant(tx, record, caller, request.at)
    })
    return this.#identities.versions(record)
  }

  /** Links of a compartment. Throws `Refusal` `no-grant`. */
  async epochs(request: RecordRequest, record: RecordId, compartment: CompartmentId): Promise<EpochLinks> {
    return this.#context.acts.attempt(request, { record, action: 'access.view', object: { compartment } }, tx => {
      const { caller } = request
      if (caller.kind === 'patient') requireOwner(request, record)
      else if (!readable(requireGrant(tx, record, caller, request.at).grant).includes(compartment)) {
        throw new Refusal('no-grant', 'There is no such compartment, or it is not open to you')
      }
      return this.#states.epochs(tx, record, compartment)
    })
  }

  /** Asks the patient for access. Throws `Refusal` `record-unknown`, `no-grant` (blocked), `busy`. */
  async request(request: SignedRequest<Practitioner>, ins: Ins): Promise<AccessRequested> {
    const { acts, store, strangers, journal } = this.#context
    const found = store.read.get<{ record: RecordId }>('SELECT record FROM records WHERE ins = @ins', { ins })
    if (found === undefined) {
      await store.write(tx => journal.takeNonce(tx, request))
      strangers.note('record-unknown')
      throw new Refusal('record-unknown', 'No record is open under this INS; check it on the Vitale card')
    }
    const { record } = found
    const id = toBase64url(randomBytes(16)) as RequestId
    const act = { record, action: 'access.request', object: { request: id } } as const
    const { entry } = await acts.perform(request, act, tx => {
      const state = requireState(tx, record)
      const { caller, at } = request
      requireWelcome(tx, record, caller)
      tx.run('UPDATE access_requests SET open = 0 WHERE record = @record AND national_id = @id AND open = 1', {
        record,
        id: caller.id,
      })
      const waiting = tx.get<{ n: number }>(
        'SELECT COUNT(*) AS n FROM access_requests WHERE record = @record AND open = 1',
        {
          record,
        },
      )
      if ((waiting?.n ?? 0) >= MAX_PENDING)
        throw new Refusal('busy', 'Too many requests wait for this patient’s answer')
      tx.run(
        `INSERT INTO access_requests (request, record, national_id, key, acting, t, open)
         VALUES (@id, @record, @nationalId, @key, @acting, @t, 1)`,
        {
          id,
          record,
          nationalId: caller.id,
          key: caller.key,
          acting: caller.acting && JSON.stringify(caller.acting),
          t: at.toISOString(),
        },
      )
      return { object: { request: id }, grant: null, state, result: null }
    })
    const receipt = await acts.receipt(entry)
    return { request: id, ...identityPapers(this.#context, record), receipt }
  }

  /** What waits for the patient's answer. */
  async pending(request: RecordRequest, record: RecordId): Promise<PendingRequests> {
    requireOwner(request, record)
    const rows = await this.#context.acts.look(request, tx =>
      tx.all<{ request: RequestId; national_id: string; key: Hash; acting: string | null; t: Instant }>(
        'SELECT request, national_id, key, acting, t FROM access_requests WHERE record = @record AND open = 1 ORDER BY t',
        { record },
      ),
    )
    const requests = rows.map(({ request: id, national_id, key, acting, t }) => ({
      request: id,
      nationalId: national_id,
      keyStatement: key,
      acting: acting === null ? null : JSON.parse(acting),
      t,
    }))
    return { requests: requests as PendingRequests['requests'] }
  }

  /** The patient says no. Throws `Refusal` `no-grant`, `request-unknown`. */
  async deny(request: RecordRequest, record: RecordId, id: RequestId): Promise<{ receipt: string }> {
    const act = { record, action: 'access.deny', object: { request: id } } as const
    const { entry } = await this.#context.acts.perform(request, act, tx => {
      requireOwner(request, record)
      const closed = tx.run(
        'UPDATE access_requests SET open = 0 WHERE request = @id AND record = @record AND open = 1',
        {
          id,
          record,
        },
      )
      if (closed !== 1) throw new Refusal('request-unknown', 'There is no such request, or it was answered')
      return { object: { request: id }, grant: null, state: requireState(tx, record), result: null }
    })
    return { receipt: await this.#context.acts.receipt(entry) }
  }
}
