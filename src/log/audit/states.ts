import type { Hash, RecordId } from '../../protocol/ids.ts'
import { StateSets } from '../../protocol/record.ts'
import type { Delegation, Grant, Identity, Placement, State } from '../../protocol/statements.ts'
import { delegationBehind, verifyDelegation } from '../delegation.ts'
import { verifyGrant, verifyPlacement } from '../grant.ts'
import type { RecordContext } from '../patient-signed.ts'
import { checkFirst, checkSuccessor, verifyState } from '../state-chain.ts'
import type { ChangeAction } from '../state-changes.ts'
import { named, type StateInForce } from '../state-in-force.ts'
import type { Verified } from '../verified.ts'
import type { Case, Examined } from './case.ts'
import { described } from './described.ts'
import type { Keys } from './keys.ts'
import type { Papers } from './papers.ts'
import { Recent } from './recent.ts'
import type { RecordCase } from './record.ts'
import type { Succession } from './recoveries.ts'

/** An entry's change of state; `succession` when it changes the identity. */
export interface Brought {
  readonly action: ChangeAction | 'record.open'
  readonly succession: Succession | null
}

/** Records whose verified state is kept: some 100 KiB each. */
const AT_HAND = 2048

/** Lets go of what its hashes alone can bring back: what one identity signed, without cards or recoveries. */
function letGo(record: RecordCase): void {
  const { identity, inForce, earlier, candidates, recoveries } = record
  if (identity === null || inForce === null) return
  const signed = [inForce.state, ...inForce.grants.values(), ...inForce.placements.values()]
  const plain = earlier.length + candidates.size + recoveries.size + inForce.delegations.size === 0
  if (!plain || signed.some(({ headers }) => headers[0]?.kid !== identity.hash)) return
  record.letGo = identity.hash
  record.identity = null
  record.inForce = null
}

/** The patients' chains of states, each state from the entry that brought it into force. */
export class StateChains {
  readonly #case: Case
  readonly #keys: Keys
  readonly #papers: Papers
  /** Records whose state is at hand. */
  readonly #recent: Recent<RecordId, RecordCase>

  constructor(
    audited: Case,
    { keys, papers, atHand = AT_HAND }: { readonly keys: Keys; readonly papers: Papers; readonly atHand?: number },
  ) {
    this.#case = audited
    this.#keys = keys
    this.#papers = papers
    this.#recent = new Recent(atHand, letGo)
  }

  /** The entry brings a state into force: it must be one that this action may make of the one before. */
  async bring(at: Examined, record: RecordCase, { action, succession }: Brought): Promise<void> {
    const { event } = at.entry.parsed
    const previous = record.inForce
    record.changed(at.t)
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
      document.placement = { hash, from, envelope: placement.payload.envelope }
    }
  }

  /**
   * Has a record's state and identity at hand. They were verified when they came into force; memory does not hold them
   * for all records, and those let go are read and verified again.
   */
  load(at: Examined, record: RecordCase): Promise<void> | undefined {
    this.#recent.set(record.id, record)
    return record.letGo === null ? undefined : this.#reload(at, record, record.letGo)
  }

  async #reload(at: Examined, record: RecordCase, letGo: Hash): Promise<void> {
    const { state } = record
    record.letGo = null
    const identity = await this.#case.attempt('identity-broken', at, 'The identity', () => this.#papers.again(letGo))
    record.identity = identity
    if (identity === null || state === null) return
    record.inForce = await this.#case.attempt('state-broken', at, 'The state in force', () =>
      this.#again(this.#context(record, identity), state),
    )
  }

  async #again(context: RecordContext, hash: Hash): Promise<StateInForce | null> {
    const { source } = this.#case
    const text = await source.statement('state', hash)
    const sets = StateSets.safeParse(parsed((await source.sets(hash)) ?? 'null'))
    if (text === null || !sets.success) return null
    const all = async <T>(
      kind: 'grant' | 'placement',
      hashes: readonly Hash[],
      verify: (text: string) => Promise<Verified<T>>,
    ) => {
      const texts = await Promise.all(hashes.map(each => source.statement(kind, each)))
      const verified = await Promise.all(texts.flatMap(each => (each === null ? [] : [verify(each)])))
      return new Map(verified.map(each => [each.hash, each] as const))
    }
    return {
      state: await verifyState(text, { ...context, delegations: [] }),
      sets: sets.data,
      identity: context.identity,
      delegations: new Map(),
      grants: await all('grant', sets.data.grants, each => verifyGrant(each, { ...context, delegations: [] })),
      placements: await all('placement', sets.data.placements, each => verifyPlacement(each, context)),
    }
  }
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return null
  }
}
