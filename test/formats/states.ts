/** Vectors of the state: sets, roots and proofs; what each change may change. */

import { lp } from '../../src/crypto/bytes.ts'
import { parseStatement } from '../../src/crypto/statement.ts'
import { verifyDelegation } from '../../src/log/delegation.ts'
import { verifyGrant, verifyPlacement } from '../../src/log/grant.ts'
import { byHandover, verifyHandover, type Warrant } from '../../src/log/recovery.ts'
import { proveLeaf, rootsOf, setsMatch, verifyLeaf } from '../../src/log/sets.ts'
import { checkFirst, checkSuccessor, verifyState } from '../../src/log/state-chain.ts'
import type { ChangeAction } from '../../src/log/state-changes.ts'
import { named, type StateInForce } from '../../src/log/state-in-force.ts'
import { leafHash } from '../../src/log/tree.ts'
import type { Verified } from '../../src/log/verified.ts'
import type { NationalId } from '../../src/protocol/ids.ts'
import type { SetProof, StateSets } from '../../src/protocol/record.ts'
import { type Delegation, type State, StatementTyp } from '../../src/protocol/statements.ts'
import { altered, some, type TextState, textOfState, textOnly } from './altered-state.ts'
import { delegated, delegatedSteps } from './delegated-steps.ts'
import { flipped64, verifiedIdentity, verifiedNext } from './keys.ts'
import { blockedState, moreStatements, moreSteps } from './state-steps.ts'
import { story } from './story.ts'
import {
  anyOf,
  draw,
  type Format,
  hex,
  type Json,
  type Members,
  once,
  Refused,
  refused,
  text64,
  textOf,
  type VectorCase,
} from './vector-file.ts'
import {
  at,
  bytes64,
  compartment,
  deployment,
  hashOf,
  host,
  insurer,
  makeGrant,
  nextPatient,
  patient,
  patientInsNumber,
  signByPatient,
} from './world.ts'

const json = (value: unknown): Json => JSON.parse(JSON.stringify(value))

export const sets: Format = {
  file: 'sets',
  page: 'state.md',
  about:
    'Sets and the five roots of them; proofs of one leaf against a root (`content` in the set of the proof). leaf0: leaf data and hash of leaf 0 of `grants`, in hexadecimal.',
  async cases() {
    const empty: StateSets = {
      seed: text64(draw('sets seed', 32)),
      grants: [],
      delegations: [],
      blocked: [],
      devices: [],
      placements: [],
    }
    const full: StateSets = {
      ...empty,
      grants: Array.from({ length: 17 }, (_, i) => some(`grant ${i}`)),
      blocked: ['810000000025' as NationalId],
      devices: [some('device 0'), some('device 1')],
      placements: [some('placement')],
    }
    const roots = (name: string, sets: StateSets): VectorCase => ({
      name,
      given: { sets: json(sets) },
      opens: { ...rootsOf(sets), leaf0: leaf0(sets) },
    })
    const proof = (name: string, set: SetProof['set'], content: string): VectorCase => ({
      name,
      given: { roots: json(rootsOf(full)), proof: json(proveLeaf(full, set, content)), content },
      opens: { holds: true },
    })
    const good = proof('a grant among 17', 'grants', full.grants[3] as string)
    const known = good.given.proof as unknown as SetProof
    const bad = (name: string, changes: Partial<SetProof>) =>
      refused(name, 'set-proof', good, { proof: json({ ...known, ...changes }) })
    return [
      roots('nothing in any set', empty),
      roots('17 grants, one blocked, two devices, one placement', full),
      good,
      proof('a device', 'devices', full.devices[1] as string),
      proof('one blocked', 'blocked', '810000000025'),
      refused('another content', 'set-proof', good, { content: full.grants[4] as string }),
      bad('another index', { index: 4 }),
      bad('an index beyond the size', { index: 35 }),
      bad('another salt', { salt: flipped64(known.salt, 0) }),
      bad('another set', { set: 'devices' }),
      bad('a path altered', { path: known.path.map((hash, i) => (i === 2 ? some('other') : hash)) }),
      bad('a path too short', { path: known.path.slice(1) }),
      bad('a path too long', { path: [...known.path, some('other')] }),
      bad('a size that is no power of two', { size: 31 }),
      refused('the sets of another state', 'state-roots', roots('', full), {
        roots: json(rootsOf({ ...full, seed: text64(draw('another seed', 32)) })),
      }),
    ]
  },
  open(given) {
    if (given.proof !== undefined) {
      if (verifyLeaf(anyOf(given, 'roots'), anyOf(given, 'proof'), textOf(given, 'content'))) return { holds: true }
      throw new Refused('set-proof')
    }
    const sets = anyOf<StateSets>(given, 'sets')
    if (given.roots !== undefined && !setsMatch(anyOf(given, 'roots'), sets)) throw new Refused('state-roots')
    return { ...rootsOf(sets), leaf0: leaf0(sets) }
  },
}

/** Salt, data and hash of the first leaf of `grants`, its content or its padding. */
function leaf0(sets: StateSets): Json {
  const filled: StateSets = sets.grants.length > 0 ? sets : { ...sets, grants: [some('any')] }
  const salt = bytes64(proveLeaf(filled, 'grants', filled.grants[0] as string).salt)
  const content = sets.grants[0]
  const data = content === undefined ? lp('coffre/v1/padding-leaf', salt) : lp('coffre/v1/leaf', salt, bytes64(content))
  return { salt: hex(salt), data: hex(data), hash: hex(leafHash(data)) }
}

export const state: Format = {
  file: 'state',
  page: 'state.md',
  about:
    'Steps of a chain of states. given: action, the state before with its sets (by name, in shared.states; null for a first one), the next one with its sets. shared.grants, placements and delegations: every statement that a set names. shared.next: the identity that may follow, with what it is verified by; given.handover: what lets it.',
  async shared() {
    const { states, grants, mask, patient } = await story()
    const [extra, more, next] = [await another(), await moreStatements(), await nextPatient()]
    const { statements, grants: byCard, inForce, inForceLesser, withNurse } = await delegated()
    return {
      deployment,
      recordId: patient.recordId,
      identity: patient.text,
      states: json({
        ...Object.fromEntries(Object.entries(states).map(([name, made]) => [name, textOfState(made)])),
        blocked: textOnly(await blockedState()),
        delegated: textOnly(inForce),
        delegatedLesser: textOnly(inForceLesser),
        givenByCard: textOnly(withNurse),
      }),
      next: json({ identity: next.text, registration: next.registration.text, salt: text64(next.registration.salt) }),
      insurerKey: text64(insurer().verifyKey.bytes),
      ins: patientInsNumber,
      delegations: Object.values(statements),
      grants: [
        ...[grants.first.statement, grants.second.statement, extra.twice, extra.sealedOld, more.reissue],
        ...Object.values(byCard),
      ],
      placements: [mask.statement, more.unmask, more.tooOld, more.fromElsewhere],
    }
  },
  async cases() {
    const { states, grants, patient } = await story()
    const { opened, activated, granted, rolled, masked } = states
    const extra = await another()
    const step = (action: string, before: string | null, next: TextState, name = action): VectorCase => ({
      name,
      given: { action, before, next: json(next) },
      opens: { hash: hashOf(next.state) },
    })
    const bad = (name: string, code: string, good: VectorCase, next: TextState) =>
      refused(name, code, good, { next: json(next) })
    const first = step('record.open', null, textOfState(opened))
    const give = step('grant.give', 'activated', textOfState(granted))
    const roll = step('compartment.roll', 'granted', textOfState(rolled))
    const mask = step('document.mask', 'rolled', textOfState(masked))
    const revoked = await altered(
      masked,
      { seq: 5, prev: masked.hash, t: at('08:55:00') },
      { grants: [], seed: text64(draw('state 5 seed', 32)) },
    )
    const [reports, ...others] = rolled.payload.compartments
    const notRolled = [compartment(patient.recordId, 'reports', 0), ...others] as State['compartments']
    const skipped = [compartment(patient.recordId, 'reports', 2), ...others] as State['compartments']
    return [
      first,
      step('account.activate', 'opened', textOfState(activated)),
      give,
      roll,
      mask,
      step('grant.revoke', 'masked', revoked),
      bad('first: a number above 0', 'state-seq', first, await altered(opened, { seq: 1 })),
      bad('first: a predecessor', 'state-seq', first, await altered(opened, { prev: some('nobody') })),
      bad(
        'first: a compartment in epoch 1',
        'state-compartments',
        first,
        await altered(opened, { compartments: rolled.payload.compartments }),
      ),
      bad('first: a grant', 'state-sets', first, await altered(opened, {}, { grants: [grants.first.hash] })),
      bad('first: no device', 'state-sets', first, await altered(opened, {}, { devices: [] })),
      bad('first: signed by another', 'statement-signature', first, {
        ...textOfState(opened),
        state: await signByPatient(StatementTyp.state, opened.payload, { ...patient, sign: host() }),
      }),
      bad(
        'first: another identity named',
        'state-identity',
        first,
        await altered(opened, { identity: some('identity') }),
      ),
      bad('a number skipped', 'state-seq', give, await altered(granted, { seq: 3 })),
      bad('the same number again', 'state-seq', give, await altered(granted, { seq: 1 })),
      bad('on a stale predecessor', 'state-prev', give, await altered(granted, { prev: opened.hash })),
      bad('dated before', 'state-time', give, await altered(granted, { t: at('08:09:00') })),
      bad(
        'of another record',
        'statement-record',
        give,
        await altered(granted, { recordId: text64(draw('another record', 16)) as never }),
      ),
      bad('roots of other sets', 'state-roots', give, { ...textOfState(granted), sets: activated.sets }),
      bad('a grant that nobody gave', 'state-sets', give, await altered(granted, {}, { grants: [some('grant')] })),
      bad(
        'a grant named twice',
        'state-sets',
        give,
        await altered(granted, {}, { grants: [grants.first.hash, grants.first.hash] }),
      ),
      bad(
        'two grants of one holder',
        'state-sets',
        give,
        await altered(granted, {}, { grants: [grants.first.hash, extra.twiceHash] }),
      ),
      bad(
        'a grant for an epoch that is not current',
        'state-epoch',
        give,
        await altered(granted, {}, { grants: [grants.second.hash] }),
      ),
      bad(
        'giving changes the devices',
        'state-sets',
        give,
        await altered(granted, {}, { devices: opened.sets.devices }),
      ),
      bad(
        'giving changes a compartment',
        'state-compartments',
        give,
        await altered(granted, { compartments: notRolled.toReversed() }),
      ),
      bad(
        'a bundle version skipped',
        'state-bundle',
        give,
        await altered(granted, { bundle: { ...granted.payload.bundle, version: 4 } }),
      ),
      refused('another action: revoking gives nothing', 'state-sets', give, { action: 'grant.revoke' }),
      refused('opening a second time', 'state-action', give, { action: 'record.open' }),
      bad(
        'a roll of nothing',
        'state-compartments',
        roll,
        await altered(rolled, { compartments: granted.payload.compartments }, { grants: [grants.first.hash] }),
      ),
      bad('a roll that skips an epoch', 'state-epoch', roll, await altered(rolled, { compartments: skipped })),
      bad(
        'a roll without the grant’s re-issue',
        'state-epoch',
        roll,
        await altered(rolled, {}, { grants: [grants.first.hash] }),
      ),
      bad('a roll that drops a grant', 'state-sets', roll, await altered(rolled, {}, { grants: [] })),
      bad(
        'a roll whose re-issue says more',
        'state-sets',
        roll,
        await altered(rolled, {}, { grants: [extra.sealedOldHash] }),
      ),
      bad(
        'a roll without a new bundle',
        'state-bundle',
        roll,
        await altered(rolled, { bundle: granted.payload.bundle }),
      ),
      bad(
        'a roll that keeps the key',
        'state-compartments',
        roll,
        await altered(rolled, {
          compartments: [
            { ...reports, publicKey: granted.payload.compartments[0]?.publicKey },
            ...others,
          ] as State['compartments'],
        }),
      ),
      bad(
        'a placement that nobody gave',
        'state-sets',
        mask,
        await altered(masked, {}, { placements: [some('placement')] }),
      ),
      bad(
        'masking changes the bundle',
        'state-bundle',
        mask,
        await altered(masked, { bundle: { ...masked.payload.bundle, version: 5 } }),
      ),
      ...[...(await moreSteps()), ...(await delegatedSteps())].map(
        ({ name, refused: code, ...given }): VectorCase =>
          code === undefined
            ? { name, given: json(given) as Members, opens: { hash: hashOf(given.next.state) } }
            : { name, given: json(given) as Members, refused: code },
      ),
    ]
  },
  async open(given, shared) {
    const [first, second] = [await verifiedIdentity(), await verifiedNext()]
    const record = { deployment, recordId: (await patient()).recordId }
    const delegations = await Promise.all(
      anyOf<string[]>(shared, 'delegations').map(text => verifyDelegation(text, { ...record, identity: first })),
    )
    const next = anyOf<TextState>(given, 'next')
    const name = textOrNull(given, 'before')
    const served = name === null ? null : anyOf<Record<string, TextState>>(shared, 'states')[name]
    const before = served == null ? null : await read(served, delegations)
    const after = await read(next, before === null ? [] : named(before.sets.delegations, before.delegations))
    if (before === null) {
      if (given.action !== 'record.open') throw new Refused('state-action')
      checkFirst(after)
    } else {
      checkSuccessor(given.action as ChangeAction, before, after, await warrant())
    }
    return { hash: after.state.hash }

    async function warrant(): Promise<Warrant | null> {
      if (typeof given.handover !== 'string') return null
      return byHandover(await verifyHandover(given.handover, { ...record, identity: first, next: second }))
    }

    /** A state by the identity that it names, or by the card of one of these delegations, and all that its sets may name. */
    async function read({ state, sets }: TextState, cards: readonly Verified<Delegation>[]): Promise<StateInForce> {
      const isNext = parseStatement(state).payload.identity === second.hash
      const context = { ...record, identity: isNext ? second : first, earlier: isNext ? [first] : [] }
      const givers = { ...record, identity: first, delegations }
      const [all, placed] = await Promise.all([
        Promise.all(anyOf<string[]>(shared, 'grants').map(text => verifyGrant(text, givers))),
        Promise.all(anyOf<string[]>(shared, 'placements').map(text => verifyPlacement(text, context))),
      ])
      return {
        state: await verifyState(state, { ...context, delegations: cards }),
        sets,
        identity: context.identity,
        delegations: byHash(delegations),
        grants: byHash(all),
        placements: byHash(placed),
      }
    }
  },
}

const byHash = <T>(statements: readonly Verified<T>[]) => new Map(statements.map(each => [each.hash, each]))

const textOrNull = (given: Members, member: string): string | null => given[member] as string | null

/** Two more grants: one to the same holder, and a re-issue that lasts longer. */
const another = once(async () => {
  const { patient, doctor, grants } = await story()
  const { payload } = await makeGrant(patient, doctor, 0, at('08:16:00'))
  const twice = await signByPatient(
    StatementTyp.grant,
    { ...payload, grantId: text64(draw('second grant', 16)) },
    patient,
  )
  const longer = { ...grants.second.payload, until: '2028-05-24T08:00:00.000Z' }
  const sealedOld = await signByPatient(StatementTyp.grant, longer, patient)
  return { twice, twiceHash: hashOf(twice), sealedOld, sealedOldHash: hashOf(sealedOld) }
})
