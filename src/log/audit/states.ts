import { toBase64url } from '../../crypto/bytes.ts'
import { CoffreError } from '../../crypto/errors.ts'
import { statementHash } from '../../crypto/statement.ts'
import type { Hash, RecordId } from '../../protocol/ids.ts'
import { StateSets } from '../../protocol/record.ts'
import {
  type Delegation,
  type Grant,
  type Identity,
  type Placement,
  State,
  StatementTyp,
} from '../../protocol/statements.ts'
import { delegationBehind, verifyDelegation } from '../delegation.ts'
import { verifyGrant, verifyPlacement } from '../grant.ts'
import type { RecordContext } from '../patient-signed.ts'
import { checkFirst, checkSuccessor, verifyState } from '../state-chain.ts'
import type { ChangeAction } from '../state-changes.ts'
import { named, type StateInForce } from '../state-in-force.ts'
import { peek, type Verified } from '../verified.ts'
import type { Case, Examined } from './case.ts'
import { described } from './described.ts'
import type { Keys } from './keys.ts'
import type { RecordCase } from './record.ts'
import type { Succession } from './recoveries.ts'

/** An entry's change of state; `succession` when it changes the identity. */
export interface Brought {
  readonly action: ChangeAction | 'record.open'
  readonly succession: Succession | null
}

/** The patients' chains of states, each state from the entry that brought it into force. */
export class StateChains {
  readonly #case: Case
  readonly #keys: Keys

  constructor(audited: Case, keys: Keys) {
    this.#case = audited
    this.#keys = keys
  }

  /** The entry brings a state into force: it must be one that this action may make of the one before. */
  async bring(at: Examined, record: RecordCase, { action, succession }: Brought): Promise<void> {
    const { event } = at.entry.parsed
    const previous = record.inForce
    record.changedAt = Date.parse(event.t)
    record.state = event.state
    record.inForce = null
    if (event.state === null) return this.#case.found('state-missing', 'A change of state names no state', at)
    record.states.add(event.state)
    const text = await this.#case.text('state', event.state, at, 'state-missing')
    const sets = await this.#sets(at, event.state)
    const identity = action === 'identity.change' ? (succession?.identity ?? null) : record.identity
    if (text === null || sets === null || identity === null) return
    if (record.identity !== null && succession?.warrant != null) {
      record.earlier.push(record.identity)
      record.identity = identity
    }
    const context = this.#context(record, identity)
    const before = previous === null ? [] : named(previous.sets.delegations, previous.delegations)
    const state = await this.#case.attempt('state-broken', at, 'The new state', () =>
      verifyState(text, { ...context, delegations: before }),
    )
    if (state === null) return
    const delegations = await this.#named('delegation', sets.delegations, previous?.delegations, {
      at,
      verify: each => verifyDelegation(each, context),
    })
    const next: StateInForce = {
      state,
      sets,
      identity,
      delegations,
      grants: await this.#named('grant', sets.grants, previous?.grants, {
        at,
        verify: each => verifyGrant(each, { ...context, delegations: delegations.values() }),
      }),
      placements: await this.#named('placement', sets.placements, previous?.placements, {
        at,
        verify: each => verifyPlacement(each, context),
      }),
    }
    record.inForce = next
    if (action === 'record.open') {
      await this.#case.attempt('state-broken', at, 'The first state', () => checkFirst(next))
    } else if (previous !== null) {
      await this.#case.attempt('state-broken', at, `A state after ${action}`, () =>
        checkSuccessor(action, previous, next, succession?.warrant ?? null),
      )
      this.#signed(at, previous, state)
      this.#says(at, previous, next)
      this.#moves(at, record, previous, next)
    }
    this.#grantees(at, previous, next)
  }

  #context({ id, earlier }: RecordCase, identity: Verified<Identity>): RecordContext {
    return { deployment: this.#case.trust.deployment, recordId: id, identity, earlier }
  }

  async #sets(at: Examined, state: Hash): Promise<StateSets | null> {
    const json = await this.#case.source.sets(state)
    const sets = StateSets.safeParse(json === null ? null : parsed(json))
    if (sets.success) return sets.data
    this.#case.found('state-missing', 'The sets behind the new state’s roots are not in the store', at, { state })
    return null
  }

  /** The statements behind a set: those known from before, and new ones out of the store. */
  async #named<T extends Grant | Placement | Delegation>(
    kind: 'grant' | 'placement' | 'delegation',
    hashes: readonly Hash[],
    known: ReadonlyMap<Hash, Verified<T>> | undefined,
    { at, verify }: { at: Examined; verify(text: string): Promise<Verified<T>> },
  ): Promise<Map<Hash, Verified<T>>> {
    const statements = new Map<Hash, Verified<T>>()
    for (const hash of hashes) {
      const before = known?.get(hash)
      if (before !== undefined) {
        statements.set(hash, before)
        continue
      }
      const text = await this.#case.text(kind, hash, at)
      if (text === null) continue
      const verified = await this.#case.attempt('statement-broken', at, `A ${kind}`, () => verify(text))
      if (verified !== null) statements.set(hash, verified)
    }
    return statements
  }

  /** A new grant's seals were made for a key that its grantee had published. */
  #grantees(at: Examined, previous: StateInForce | null, next: StateInForce): void {
    for (const [hash, { payload, text }] of next.grants) {
      const { grantee } = payload
      if (previous?.grants.has(hash) || this.#keys.isOf(grantee.keyStatement, grantee)) continue
      this.#case.found('key-unknown', 'A grant names a key that its grantee had not published', at, { grant: text })
    }
  }

  /** Who acted signed the state: the identity, or the card by whose delegation the entry says it was done. */
  #signed(at: Examined, previous: StateInForce, state: Verified<State>): void {
    const { actor } = at.entry.parsed.event
    const signer = delegationBehind(state, previous)?.hash ?? state.payload.identity
    if (actor.kind === 'patient' && actor.key === signer) return
    this.#case.found('actor-wrong', 'A change of state was asked for by another key than the one that signed it', at)
  }

  /** What the entry says of the change is what changed. */
  #says(at: Examined, previous: StateInForce, next: StateInForce): void {
    const { action, object } = at.entry.parsed.event
    const expected = described(action, previous, next)
    if (expected === null || Object.entries(expected).every(([name, value]) => object[name] === value)) return
    this.#case.found('entry-object', 'The entry says another change than the states show', at, { expected })
  }

  #moves(at: Examined, record: RecordCase, previous: StateInForce, next: StateInForce): void {
    for (const [hash, placement] of next.placements) {
      if (previous.placements.has(hash)) continue
      const { documentId, from, to } = placement.payload
      const document = record.documents.get(documentId)
      if (document === undefined || document.compartment !== from) {
        this.#case.found('statement-broken', 'A placement moves a document from where it did not lie', at, {
          placement: placement.text,
        })
      }
      if (document === undefined) continue
      document.compartment = to
      document.placement = placement
    }
  }

  /** After the last entry: the store holds no state but those that entries brought into force. */
  async unlogged(records: ReadonlyMap<RecordId, RecordCase>): Promise<void> {
    let current: string | null = null
    let last: string | null = null
    const close = () => {
      const inForce = current === null ? last : (records.get(current as RecordId)?.state ?? null)
      if (inForce === last) return
      this.#case.findings.add(
        'state-unlogged',
        'The newest state in the store is not the one in force',
        { record: current ?? '' },
        { newest: last, inForce },
      )
    }
    for await (const { record, hash, statement } of this.#case.source.statements('state')) {
      if (record !== current) {
        close()
        current = record
        last = null
      }
      if (previousOf(hash, statement) !== last) {
        this.#case.findings.add(
          'state-unlogged',
          'A state in the store was never in force',
          { record: record ?? '' },
          { statement },
        )
      }
      last = hash
    }
    close()
  }
}

/** The hash of the state before; undefined when the text is no state, or not the one of its hash. */
function previousOf(hash: string, statement: string): string | null | undefined {
  try {
    if (toBase64url(statementHash(statement)) !== hash) return undefined
    return peek(statement, { typ: StatementTyp.state, schema: State }).prev
  } catch (error) {
    if (CoffreError.is(error)) return undefined
    throw error
  }
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return null
  }
}
