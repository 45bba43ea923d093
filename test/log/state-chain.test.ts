/**
 * docs/protocol/state.md as a table: for each action and each part of a state, what it may make of it and everything it may
 * not, with the code of the refusal. Client, host and auditor run the function tested here. The lines are in
 * `test/fixtures/state-lines.ts`; which of them run is read off `STATE_CHANGES` itself.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { freshSeed, rootsOf } from '../../src/log/sets.ts'
import { checkFirst, checkSuccessor, verifyState } from '../../src/log/state-chain.ts'
import { type ChangeAction, changesState, PARTS, type Part, STATE_CHANGES } from '../../src/log/state-changes.ts'
import type { StateInForce } from '../../src/log/state-in-force.ts'
import type { Hash, NationalId, RecordId } from '../../src/protocol/ids.ts'
import type { StateSets } from '../../src/protocol/record.ts'
import { makePatient, newId } from '../fixtures/document.ts'
import {
  BY_CARD,
  GOOD,
  handover,
  inForce,
  KINDS,
  type Line,
  NEVER,
  next as nextIdentity,
  patient,
  UNTOUCHED,
  withSet,
  withState,
} from '../fixtures/state-lines.ts'
import { anyHash, compartment, type StateChanges, signedState, stateInForce, successor } from '../fixtures/states.ts'

const { previous, reports, masked, doctor, hidden } = inForce
const { state: old } = previous
const actions = [
  'account.activate',
  'device.add',
  'device.remove',
  'grant.give',
  'grant.revoke',
  'compartment.roll',
  'compartment.add',
  'access.block',
  'access.unblock',
  'delegation.give',
  'delegation.revoke',
  'document.mask',
  'document.unmask',
  'document.move',
  'identity.change',
] as const satisfies ChangeAction[]
const warrant = await handover(patient, nextIdentity)

const codeOf = (action: ChangeAction, next: StateInForce, by: typeof warrant | null = null): string | null => {
  try {
    checkSuccessor(action, previous, next, by)
    return null
  } catch (error) {
    return (error as { code: string }).code
  }
}
/** A change of identity comes with its warrant, in every line: what is spoiled is something else. */
const outcome = async (action: ChangeAction, changes: StateChanges) =>
  codeOf(action, await successor(patient, previous, changes), action === 'identity.change' ? warrant : null)

let pairs = 0
for (const action of actions) {
  t.test(action, async t => {
    const good = GOOD[action]
    const line: Partial<Record<Part, string>> = STATE_CHANGES[action]
    t.equal(await outcome(action, good), null, 'a good one')
    const run = async (lines: readonly Line[], about: string) => {
      for (const [what, spoil, code] of lines) {
        const got = await outcome(action, await spoil(good))
        if (code === null) t.equal(got, null, `${about}: ${what}`)
        else t.match(got ?? 'taken', code, `${about}: ${what}`)
      }
    }
    for (const part of PARTS) {
      pairs++
      const kind = line[part]
      if (kind === undefined) await run(UNTOUCHED[part], `${part} as it was`)
      else await run((KINDS[part] as Record<string, readonly Line[]>)[kind] ?? [], `${part}: ${kind}`)
    }
    await run(NEVER, 'never')
  })
}

t.test('every action and every part of a state was tried', async t => {
  t.equal(pairs, Object.keys(STATE_CHANGES).length * PARTS.length)
})

t.test('what a delegated card may sign', async t => {
  for (const [what, action, changes, code] of BY_CARD) {
    const got = await outcome(action, await changes())
    if (code === null) t.equal(got, null, what)
    else t.match(got ?? 'taken', code, what)
  }
})

t.test('a new identity comes in by a warrant for it, and not otherwise', async t => {
  const next = await successor(patient, previous, GOOD['identity.change'])
  t.equal(codeOf('identity.change', next), 'state-warrant')
  const other = await makePatient(patient.deployment, patient)
  t.equal(codeOf('identity.change', next, await handover(patient, other)), 'state-warrant')
  t.equal(codeOf('identity.change', next, warrant), null)
})

t.test('the page has the same table', async t => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/protocol/state.md'), 'utf8')
  const rows = page.split('\n').map(row => row.split('|').map(cell => cell.trim()))
  for (const action of actions) {
    const [, , ...cells] = rows.find(([, name]) => name === `\`${action}\``) ?? []
    const line: Partial<Record<Part, string>> = STATE_CHANGES[action]
    t.same(
      cells.slice(0, PARTS.length),
      PARTS.map(part => line[part] ?? ''),
      action,
    )
  }
})

t.test('a change under another action’s name', async t => {
  const changes = await successor(patient, previous, GOOD['grant.give'])
  for (const action of actions) if (action !== 'grant.give') t.not(codeOf(action, changes), null, action)
  t.equal(codeOf('record.open' as ChangeAction, changes), 'state-action')
  t.equal(codeOf('toString' as ChangeAction, changes), 'state-action')
})

t.test('a refusal shows both states', async t => {
  const next = await successor(patient, previous, withState(GOOD['grant.give'], { seq: 9 }))
  t.throws(() => checkSuccessor('grant.give', previous, next), {
    code: 'state-seq',
    evidence: { action: 'grant.give', previous: old.text, next: next.state.text },
  })
})

t.test('the first state', async t => {
  const empty: StateSets = {
    seed: freshSeed(),
    grants: [],
    delegations: [],
    blocked: [],
    devices: [anyHash()],
    placements: [],
  }
  const first = (state: object = {}, changed: Partial<StateSets> = {}) => {
    const sets = { ...empty, ...changed }
    const compartments = [compartment(reports, 0), compartment(masked, 0)]
    return signedState(patient, { ...old.payload, seq: 0, prev: null, compartments, ...rootsOf(sets), ...state }).then(
      state => ({ state, sets }),
    )
  }
  const refused: [string, ReturnType<typeof first>, string][] = [
    ['not the first number', first({ seq: 1 }), 'state-seq'],
    ['a predecessor', first({ prev: anyHash() }), 'state-seq'],
    ['a compartment in epoch 1', first({ compartments: [compartment(reports, 1)] }), 'state-compartments'],
    ['a link in epoch 0', first({ compartments: [{ ...compartment(reports, 1), epoch: 0 }] }), 'state-compartments'],
    [
      'one compartment twice',
      first({ compartments: [compartment(reports, 0), compartment(reports, 0)] }),
      'state-compartments',
    ],
    ['a grant', first({}, { grants: [doctor.hash] }), 'state-sets'],
    ['a delegation', first({}, { delegations: [anyHash()] }), 'state-sets'],
    ['somebody blocked', first({}, { blocked: ['810000000017' as NationalId] }), 'state-sets'],
    ['a placement', first({}, { placements: [hidden.hash] }), 'state-sets'],
    ['no device', first({}, { devices: [] }), 'state-sets'],
    ['two devices', first({}, { devices: [anyHash(), anyHash()] }), 'state-sets'],
    ['other sets', first({ grantsRoot: anyHash() }), 'state-roots'],
  ]
  checkFirst(await first())
  for (const [what, made, code] of refused) {
    const state = await made
    t.throws(() => checkFirst(state), { code }, what)
  }
})

t.test('a state is its patient’s, of this record, in this installation', async t => {
  const other = await makePatient(patient.deployment)
  const payload = old.payload
  t.equal((await verifyState(old.text, patient)).hash, old.hash)
  await t.rejects(verifyState(old.text, other), { code: 'statement-signature' })
  await t.rejects(verifyState(old.text, { ...patient, recordId: other.recordId }), { code: 'statement-record' })
  await t.rejects(verifyState(old.text, { ...patient, deployment: newId() }), { code: 'statement-record' })
  await t.rejects(signedState(patient, { ...payload, identity: anyHash() }), { code: 'state-identity' })
  await t.rejects(signedState(patient, { ...payload, recordId: newId<RecordId>() }), { code: 'statement-record' })
  await t.rejects(verifyState(doctor.text, patient), { code: 'statement-type' })
})

t.test('a state of another identity of the same record never follows', async t => {
  const other = await makePatient(patient.deployment)
  const foreign = await stateInForce(other)
  const next = await successor(other, foreign.previous, { state: { seq: 6, prev: old.hash } })
  t.match(codeOf('grant.give', next), /^state-(identity|warrant)$/)
})

t.test('which actions bring a state into force', async t => {
  for (const action of [...actions, 'record.open'] as const) t.ok(changesState(action), action)
  for (const action of ['document.read', 'session.start', 'host.start', 'access.deny'] as const)
    t.notOk(changesState(action), action)
})

t.test('the order of a list says nothing', async t => {
  const changes = withSet<Hash>(GOOD['grant.give'], 'grants', hashes => [...hashes].reverse())
  t.equal(await outcome('grant.give', changes), null)
})
