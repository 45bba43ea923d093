import type { Action } from '../protocol/entry.ts'
import type { DocumentId, Hash } from '../protocol/ids.ts'
import type { SetName, StateSets } from '../protocol/record.ts'
import { type Grant, type Placement, State, StatementTyp } from '../protocol/statements.ts'
import { LogError } from './errors.ts'
import { ofPatient, type RecordContext } from './grant.ts'
import { setsMatch } from './sets.ts'
import { demand, type Verified } from './verified.ts'

/** A state with what its roots commit to. Maps are by statement hash and hold every leaf of their set. */
export interface StateInForce {
  readonly state: Verified<State>
  readonly sets: StateSets
  readonly grants: ReadonlyMap<Hash, Verified<Grant>>
  readonly placements: ReadonlyMap<Hash, Verified<Placement>>
}

/** Actions whose entry brings a new state into force. */
export type StateAction = keyof typeof RULES | 'record.open'

/** Does an entry of this action bring a new state into force? */
export function changesState(action: Action): action is StateAction {
  return action === 'record.open' || Object.hasOwn(RULES, action)
}

/** Throws `CryptoError` on the signature, `LogError` `statement-form`, `statement-record`, `state-identity`. */
export async function verifyState(text: string, context: RecordContext): Promise<Verified<State>> {
  const state = await ofPatient(text, { typ: StatementTyp.state, schema: State }, context)
  demand(state.payload.identity === context.identity.hash, 'state-identity', 'The state names another identity')
  return state
}

/** Checks the first state of a record. Throws `LogError` `state-…`. */
export function checkFirst({ state, sets }: Pick<StateInForce, 'state' | 'sets'>): void {
  const { payload } = state
  checkSets(state, sets)
  demand(payload.seq === 0 && payload.prev === null, 'state-seq', 'A first state has seq 0 and no predecessor')
  demand(
    payload.compartments.every(({ epoch, link }) => epoch === 0 && link === null),
    'state-compartments',
    'In a first state every compartment is in epoch 0',
  )
  demand(unique(payload.compartments.map(({ id }) => id)), 'state-compartments', 'Two compartments have one id')
  const { grants, delegations, blocked, placements, devices } = sets
  demand(
    [grants, delegations, blocked, placements].every(set => set.length === 0) && devices.length === 1,
    'state-sets',
    'A first state has one device leaf, the kit’s, and nothing else in its sets',
  )
}

/**
 * Checks that `next` is what `action` may make of `previous` (docs/protocol/state.md, the table): the very function that
 * client, host and auditor run. Throws `LogError` `state-…`, both states as evidence.
 */
export function checkSuccessor(action: StateAction, previous: StateInForce, next: StateInForce): void {
  try {
    demand(action !== 'record.open', 'state-action', 'Only the first state opens a record')
    checkOrder(previous.state, next.state)
    checkSets(next.state, next.sets)
    checkKnown(next)
    RULES[action](previous, next)
  } catch (error) {
    if (!LogError.is(error)) throw error
    const evidence = { action, previous: previous.state.text, next: next.state.text }
    throw new LogError(error.message, { code: error.code, cause: error, evidence })
  }
}

function checkSets(state: Verified<State>, sets: StateSets): void {
  demand(setsMatch(state.payload, sets), 'state-roots', 'The sets are not those that the state’s roots commit to')
  for (const set of SETS) demand(unique(sets[set]), 'state-sets', `The set ${set} names something twice`)
}

function checkOrder(previous: Verified<State>, next: Verified<State>): void {
  const [before, after] = [previous.payload, next.payload]
  demand(after.seq === before.seq + 1, 'state-seq', `State ${before.seq + 1} is due, this is ${after.seq}`)
  demand(after.prev === previous.hash, 'state-prev', 'The state does not follow the one in force')
  demand(after.t >= before.t, 'state-time', 'The state is dated before its predecessor')
  demand(
    after.identity === before.identity && after.recordId === before.recordId && after.deployment === before.deployment,
    'state-identity',
    'The state changes the record’s identity',
  )
}

/**
 * Every leaf is a statement at hand; each grant id, each grantee and each placed document stands once; epochs are those of
 * the state.
 */
function checkKnown({ state, sets, grants, placements }: StateInForce): void {
  demand(
    sets.grants.every(hash => grants.has(hash)),
    'state-sets',
    'The state names a grant that nobody gave',
  )
  demand(
    sets.placements.every(hash => placements.has(hash)),
    'state-sets',
    'The state names a placement that nobody gave',
  )
  const ids = sets.grants.map(hash => grants.get(hash)?.payload.grantId)
  demand(unique(ids), 'state-sets', 'Two grants in force have one id')
  const holders = sets.grants.map(hash => grants.get(hash)?.payload.grantee)
  // One answer to "under which grant did they act", for the host that checks and for the auditor who checks the host.
  demand(
    unique(holders.map(holder => `${holder?.kind}:${holder?.id}`)),
    'state-sets',
    'A grantee holds two grants; revoke the first',
  )
  demand(unique(documentsOf(sets, placements)), 'state-sets', 'A document has two placements')
  const current = new Map(state.payload.compartments.map(({ id, epoch }) => [id, epoch]))
  for (const hash of sets.grants) {
    for (const { id, epoch } of grants.get(hash)?.payload.compartments ?? []) {
      demand(current.get(id) === epoch, 'state-epoch', 'A grant in force names an epoch that is not current')
    }
  }
}

const documentsOf = (sets: StateSets, placements: StateInForce['placements']): (DocumentId | undefined)[] =>
  sets.placements.map(hash => placements.get(hash)?.payload.documentId)

type Rule = (previous: StateInForce, next: StateInForce) => void

const RULES = {
  'account.activate': (previous, next) => {
    sameBut(previous, next, ['devices', 'bundle'])
    gained(previous, next, 'devices')
    nextBundle(previous, next)
  },
  'grant.give': (previous, next) => {
    sameBut(previous, next, ['grants', 'bundle'])
    gained(previous, next, 'grants')
    sameOrNextBundle(previous, next)
  },
  'grant.revoke': (previous, next) => {
    sameBut(previous, next, ['grants', 'bundle'])
    lost(previous, next, 'grants')
    sameOrNextBundle(previous, next)
  },
  'compartment.roll': (previous, next) => {
    sameBut(previous, next, ['grants', 'compartments', 'bundle'])
    nextBundle(previous, next)
    reissued(previous, next, rolledCompartments(previous, next))
  },
  'document.mask': placed,
  'document.unmask': placed,
} satisfies Record<string, Rule>

function placed(previous: StateInForce, next: StateInForce): void {
  sameBut(previous, next, ['placements'])
  const { added, removed } = difference(previous, next, 'placements')
  const [hash, ...more] = added
  const placement = hash === undefined ? undefined : next.placements.get(hash as Hash)?.payload
  demand(placement !== undefined && more.length === 0, 'state-sets', 'One document is placed at a time')
  const before = removed.map(gone => previous.placements.get(gone as Hash)?.payload)
  const replaces = before.every(gone => gone?.documentId === placement.documentId && gone.to === placement.from)
  demand(before.length <= 1 && replaces, 'state-sets', 'A placement replaces only the same document’s')
  const target = next.state.payload.compartments.find(({ id }) => id === placement.to)
  demand(target?.epoch === placement.epoch, 'state-epoch', 'A placement must name the current epoch')
}

/** The ids of compartments in a new epoch; at least one. */
function rolledCompartments(previous: StateInForce, next: StateInForce): Set<string> {
  const [before, after] = [previous.state.payload.compartments, next.state.payload.compartments]
  const rolled = new Set<string>()
  demand(before.length === after.length, 'state-compartments', 'A roll neither adds nor removes a compartment')
  for (const [index, old] of before.entries()) {
    const now = after[index]
    demand(now !== undefined && now.id === old.id, 'state-compartments', 'A roll keeps the order of compartments')
    if (JSON.stringify(now) === JSON.stringify(old)) continue
    demand(
      now.epoch === old.epoch + 1 && now.publicKey !== old.publicKey && now.link !== null,
      'state-compartments',
      'A rolled compartment has the next epoch, a new key and a link',
    )
    rolled.add(now.id)
  }
  demand(rolled.size > 0, 'state-compartments', 'A roll rolls at least one compartment')
  return rolled
}

function reissued(previous: StateInForce, next: StateInForce, rolled: ReadonlySet<string>): void {
  const old = new Map(previous.sets.grants.map(hash => [previous.grants.get(hash)?.payload.grantId, hash]))
  demand(previous.sets.grants.length === next.sets.grants.length, 'state-sets', 'A roll keeps every grant')
  for (const hash of next.sets.grants) {
    const now = next.grants.get(hash)?.payload as Grant
    const before = previous.grants.get(old.get(now.grantId) as Hash)
    demand(before !== undefined, 'state-sets', 'A roll gives no new grant')
    const touched = before.payload.compartments.some(({ id }) => rolled.has(id))
    if (!touched) {
      demand(hash === before.hash, 'state-sets', 'A roll re-issues only grants of rolled compartments')
      continue
    }
    demand(
      withoutSeals(now, rolled) === withoutSeals(before.payload, rolled),
      'state-sets',
      'A re-issued grant says the same',
    )
  }
}

/** The grant's text without what a roll changes. */
function withoutSeals(grant: Grant, rolled: ReadonlySet<string>): string {
  const compartments = grant.compartments.map(({ id, rights, epoch, seal }) =>
    rolled.has(id) ? { id, rights } : { id, rights, epoch, seal },
  )
  return JSON.stringify({ ...grant, t: null, compartments })
}

const SETS: readonly SetName[] = ['grants', 'delegations', 'blocked', 'devices', 'placements']

/** Nothing but the named parts differs. */
function sameBut(
  previous: StateInForce,
  next: StateInForce,
  parts: readonly (SetName | 'compartments' | 'bundle')[],
): void {
  const changing: ReadonlySet<string> = new Set(parts)
  for (const set of SETS) {
    if (changing.has(set)) continue
    const { added, removed } = difference(previous, next, set)
    demand(added.length === 0 && removed.length === 0, 'state-sets', `This change leaves the set ${set} as it is`)
  }
  for (const part of ['compartments', 'bundle'] as const) {
    const same = JSON.stringify(previous.state.payload[part]) === JSON.stringify(next.state.payload[part])
    demand(changing.has(part) || same, `state-${part}`, `This change leaves the ${part} as it was`)
  }
}

function difference(previous: StateInForce, next: StateInForce, set: SetName) {
  const before: ReadonlySet<string> = new Set<string>(previous.sets[set])
  const after: ReadonlySet<string> = new Set<string>(next.sets[set])
  return {
    added: contentsOf(next.sets, set).filter(content => !before.has(content)),
    removed: contentsOf(previous.sets, set).filter(content => !after.has(content)),
  }
}

function gained(previous: StateInForce, next: StateInForce, set: SetName): void {
  const { added, removed } = difference(previous, next, set)
  demand(added.length === 1 && removed.length === 0, 'state-sets', `The set ${set} gains exactly one`)
}

function lost(previous: StateInForce, next: StateInForce, set: SetName): void {
  const { added, removed } = difference(previous, next, set)
  demand(added.length === 0 && removed.length === 1, 'state-sets', `The set ${set} loses exactly one`)
}

function nextBundle({ state: before }: StateInForce, { state: after }: StateInForce): void {
  const due = before.payload.bundle.version + 1
  demand(after.payload.bundle.version === due, 'state-bundle', `Bundle version ${due} is due`)
}

function sameOrNextBundle(previous: StateInForce, next: StateInForce): void {
  const same = JSON.stringify(previous.state.payload.bundle) === JSON.stringify(next.state.payload.bundle)
  if (!same) nextBundle(previous, next)
}

const contentsOf = (sets: StateSets, set: SetName): readonly string[] => sets[set]

const unique = (values: readonly unknown[]): boolean => new Set(values).size === values.length
