import t from 'tap'
import { nothingSeen } from '../../src/client/seen.ts'
import { readServedState } from '../../src/client/served-state.ts'
import { proveLeaf } from '../../src/log/sets.ts'
import type { StateInForce } from '../../src/log/state-in-force.ts'
import type { Instant, NationalId } from '../../src/protocol/ids.ts'
import type { CardSigned } from '../../src/protocol/messages.ts'
import type { State } from '../../src/protocol/statements.ts'
import { makePatient } from '../fixtures/document.ts'
import {
  anyHash,
  compartment,
  makeCard,
  makeCardGrant,
  type StateChanges,
  stateInForce,
  successor,
} from '../fixtures/states.ts'

const patient = await makePatient()
const { previous, imaging, reports, card } = await stateInForce(patient)
const context = { deployment: patient.deployment, recordId: patient.recordId, identity: patient.identity }

/** What the card does next: gives somebody imaging. */
async function given(from: StateInForce, changes: StateChanges = {}, by = card) {
  const grant = await makeCardGrant(patient, by, {
    grantee: {
      kind: 'professional',
      id: `8100000${String(from.state.payload.seq).padStart(5, '0')}` as NationalId,
      keyStatement: anyHash(),
    },
    compartments: [{ id: imaging, rights: ['read'], epoch: 0, seal: anyHash() }],
  })
  const sets = { grants: [...from.sets.grants, grant.hash] }
  return successor(patient, from, { card: by, sets, grants: [grant], ...changes })
}

const beside = (from: StateInForce, between: readonly StateInForce[] = [], by = card): CardSigned => ({
  delegation: by.delegation.text,
  proof: proveLeaf(from.sets, 'delegations', by.delegation.hash),
  before: [from, ...between].map(({ state }) => state.text),
})
const read = (next: StateInForce, byCard: CardSigned | undefined, seen = nothingSeen()) =>
  readServedState({ state: next.state.text, byCard }, context, seen)
const sawState = ({ state }: StateInForce) => ({
  ...nothingSeen(),
  state: { seq: state.payload.seq, hash: state.hash },
})

const one = await given(previous)
const two = await given(one)

t.test('a state that a card signed counts with the delegation, the proof and the states before it', async t => {
  t.equal((await read(previous, undefined)).state.hash, previous.state.hash)
  const { state, seen } = await read(one, beside(previous))
  t.equal(state.hash, one.state.hash)
  t.strictSame(seen.state, { seq: 6, hash: one.state.hash })
  t.equal((await read(two, beside(previous, [one]))).state.hash, two.state.hash)
  t.ok(await read(two, beside(previous, [one]), sawState(one)), 'seen on the way')
  await t.rejects(read(one, undefined), { code: 'statement-signature' }, 'nothing beside it')
})

t.test('attacks: a card that does more, or whose delegation does not hold', async t => {
  const changed = (state: Partial<State>) => given(previous, { state })
  const rolled = previous.state.payload.compartments.map(each => (each.id === reports ? compartment(reports, 3) : each))
  const stranger = await makeCard(patient, { compartments: [{ id: imaging, epoch: 0, seal: anyHash() }] })
  const byStranger = await given(previous, {}, stranger)
  const ownStep = await successor(patient, previous, { sets: { blocked: [] } })
  const attacks: [string, Promise<unknown>, string][] = [
    ['it rolls a compartment', read(await changed({ compartments: rolled }), beside(previous)), 'state-compartments'],
    [
      'it makes a bundle',
      read(await changed({ bundle: { version: 4, hash: anyHash() } }), beside(previous)),
      'state-bundle',
    ],
    [
      'its term is over',
      read(await changed({ t: '2027-11-24T08:00:00.000Z' as Instant }), beside(previous)),
      'state-signer',
    ],
    ['a number skipped', read(await changed({ seq: 7 }), beside(previous)), 'state-seq'],
    ['on another predecessor', read(await changed({ prev: anyHash() }), beside(previous)), 'state-prev'],
    ['a state between left out', read(two, beside(previous)), 'state-seq'],
    ['begins at a state the card signed', read(two, beside(one)), 'statement-signature'],
    [
      'a delegation that was never in force',
      read(byStranger, { ...beside(previous), delegation: stranger.delegation.text }),
      'delegation-not-in-force',
    ],
    [
      'a proof in another set',
      read(one, { ...beside(previous), proof: proveLeaf(previous.sets, 'grants', previous.sets.grants[0] as string) }),
      'delegation-not-in-force',
    ],
    ['signed by another card', read(byStranger, beside(previous)), 'statement-signature'],
    ['the identity’s own state on the way', read(await given(ownStep), beside(previous, [ownStep])), 'state-signer'],
  ]
  for (const [what, attempt, code] of attacks) await t.rejects(attempt, { code }, what)
})

t.test('attack: a card leads around the state that took its delegation back', async t => {
  const revoked = await successor(patient, previous, { sets: { delegations: [] } })
  await t.rejects(read(two, beside(previous, [one]), sawState(revoked)), { code: 'state-forked' })
  await t.rejects(read(one, beside(previous), sawState(revoked)), { code: 'state-forked' })
  await t.rejects(read(one, beside(previous), sawState(two)), { code: 'state-rolled-back' })
  const after = await given(revoked)
  const proof = proveLeaf(previous.sets, 'delegations', card.delegation.hash)
  const bad = { ...beside(previous), proof, before: [revoked.state.text] }
  await t.rejects(read(after, bad), { code: 'delegation-not-in-force' })
})

t.test('a patient is given the sets too, and sees whatever else a card changed', async t => {
  const mine = (next: StateInForce, before: readonly StateInForce[], sets = before.map(each => each.sets)) => {
    const [first = previous, ...between] = before
    return readServedState(
      { state: next.state.text, sets: next.sets, byCard: { ...beside(first, between), sets } },
      context,
      nothingSeen(),
    )
  }
  t.equal((await mine(two, [previous, one])).state.hash, two.state.hash)
  const grants = [...previous.sets.grants, anyHash()]
  const sets = { grants, devices: [...previous.sets.devices, anyHash()] }
  const more = await successor(patient, previous, { card, sets })
  await t.rejects(mine(more, [previous]), { code: 'state-sets' }, 'a device of its own')
  const both = await successor(patient, previous, { card, sets: { grants: [...grants, anyHash()] } })
  await t.rejects(mine(both, [previous]), { code: 'state-sets' }, 'two grants at once')
  const freed = await successor(patient, previous, { card, sets: { grants, blocked: [] } })
  await t.rejects(mine(freed, [previous]), { code: 'state-sets' }, 'somebody let in again')
  await t.rejects(mine(one, [previous], [one.sets]), { code: 'state-roots' }, 'other sets')
  await t.rejects(mine(one, [previous], []), { code: 'state-roots' }, 'no sets')
})
