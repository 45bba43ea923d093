import t from 'tap'
import { randomBytes, toBase64url } from '../../src/crypto/bytes.ts'
import type { StateChange } from '../../src/protocol/messages.ts'
import { newId } from '../fixtures/document.ts'
import { insOf } from '../fixtures/patient.ts'
import { openStaffedVault } from '../fixtures/staffed-vault.ts'
import { makeVerifiedGrant, type StateChanges, successor } from '../fixtures/states.ts'
import {
  chainOf,
  change,
  compartmentOf,
  deposit,
  eventOf,
  type Planned,
  planDueRoll,
  planGrant,
  planPlacement,
  planRevocation,
} from '../fixtures/vault-acts.ts'
import { DOCTOR, makeHolder, openRecord, signed } from '../fixtures/vault-world.ts'

// One vault, one patient; each test goes on where the one before stopped.
const { world, patient, recordId, doctor, second, hospital } = await openStaffedVault(t)
const states = () => world.vault.states
const path = `/v1/records/${recordId}/states`

const send = (body: StateChange, who: typeof doctor | typeof patient = patient) =>
  states().change(signed(world, who as typeof doctor, { path, body }), recordId, body)
const view = (who: typeof doctor | typeof patient = patient) =>
  states().view(signed(world, who as typeof doctor, { path: `/v1/records/${recordId}/state` }), recordId)
const inForce = async () => (await view()).state
const signingPatient = { deployment: world.anchors.deployment, ...patient.patient, signKey: patient.key }
/** A planned change whose state is another one: signed by the patient all the same. */
async function withState({ change }: Planned, changes: StateChanges): Promise<StateChange> {
  const next = await successor(signingPatient, patient.inForce, changes)
  return { ...change, state: next.state.text, sets: next.sets }
}

t.test('a change comes into force with its entry; the same again is the same', async t => {
  const planned = await planGrant(world, patient, doctor)
  const receipt = await change(world, patient, planned)
  const event = await eventOf(world, receipt)
  t.match(event, { action: 'grant.give', state: patient.inForce.state.hash, object: { grantee: DOCTOR.id } })
  t.equal(await inForce(), planned.change.state)
  const before = chainOf(world, recordId).length
  t.equal((await send(planned.change)).receipt, receipt)
  t.equal(chainOf(world, recordId).length, before)
  const { grants, sets, bundle } = await view()
  t.equal(grants.length, 1)
  t.same(sets, patient.inForce.sets)
  t.equal(bundle, planned.change.bundle)
})

t.test('of two changes made on one state, the second is told to start again', async t => {
  const [one, two] = [await planGrant(world, patient, second), await planGrant(world, patient, hospital)]
  const answers = await Promise.allSettled([send(one.change), send(two.change)])
  t.same(
    answers.map(({ status }) => status),
    ['fulfilled', 'rejected'],
  )
  t.match(answers[1], { reason: { code: 'state-stale' } })
  one.accept()
  await t.rejects(send(two.change), { code: 'state-stale' })
  t.equal(chainOf(world, recordId).at(-1), 'grant.give refused state-stale')
})

t.test('nobody but the patient sees or changes it', async t => {
  await t.rejects(view(doctor), { code: 'no-grant' })
  const planned = await planGrant(world, patient, hospital)
  await t.rejects(send(planned.change, doctor), { code: 'no-grant' })
  const other = await openRecord(world, insOf('2'))
  await t.rejects(send(planned.change, other), { code: 'no-grant' })
  const foreign = await planGrant(world, other, hospital)
  await t.rejects(send(foreign.change), { code: 'state-invalid' }, 'a state of another record')
})

t.test('a state that breaks a rule is refused, though its patient signed it', async t => {
  const giving = await planGrant(world, patient, hospital)
  const grants = giving.change.sets.grants
  const { bundle } = patient.inForce.state.payload
  const wrong: [string, StateChange][] = [
    [
      'a number skipped',
      await withState(giving, { sets: { grants }, state: { seq: patient.inForce.state.payload.seq + 2 } }),
    ],
    ['a grant that was not sent', { ...giving.change, grants: [] }],
    ['a grant that the state does not name', { ...(await withState(giving, {})), bundle: null }],
    ['the same statement twice', { ...giving.change, grants: [...giving.change.grants, ...giving.change.grants] }],
    [
      'a seal missing',
      { ...giving.change, grants: [{ statement: giving.change.grants[0]?.statement ?? '', seals: [] }] },
    ],
    [
      'another seal',
      {
        ...giving.change,
        grants: [{ statement: giving.change.grants[0]?.statement ?? '', seals: [toBase64url(randomBytes(1200))] }],
      },
    ],
    ['another bundle', { ...giving.change, bundle: toBase64url(randomBytes(4200)) }],
    ['no bundle where the state names a new one', { ...giving.change, bundle: null }],
    [
      'a bundle where it names none',
      { ...(await withState(giving, { sets: { grants }, state: { bundle } })), bundle: giving.change.bundle },
    ],
    ['other sets', { ...giving.change, sets: patient.inForce.sets }],
    ['under another action', { ...giving.change, action: 'grant.revoke' }],
  ]
  const before = await inForce()
  for (const [what, body] of wrong) await t.rejects(send(body), { code: 'state-invalid' }, what)
  t.equal(await inForce(), before)
  t.equal(chainOf(world, recordId).filter(line => line.endsWith('refused state-invalid')).length >= wrong.length, true)
})

t.test('a second grant to one holder: revoke first', async t => {
  const again = await makeVerifiedGrant(signingPatient, {
    grantee: { kind: 'professional', id: doctor.caller.id, keyStatement: doctor.hash },
    compartments: [
      { id: compartmentOf(patient, 'care'), rights: ['read'], epoch: 0, seal: patient.inForce.state.hash },
    ],
  })
  const planned = await planGrant(world, patient, hospital)
  const sets = { grants: [...patient.inForce.sets.grants, again.hash] }
  const body = await withState(planned, {
    sets,
    grants: [again],
    state: { bundle: patient.inForce.state.payload.bundle },
  })
  await t.rejects(send({ ...body, bundle: null, grants: [{ statement: again.text, seals: [''] }] }), {
    code: 'state-invalid',
    message: /two grants/,
  })
})

t.test('a grant to a key that its holder did not publish', async t => {
  const unpublished = await makeHolder(world, { ...DOCTOR, id: '810000000041' } as never)
  await t.rejects(send((await planGrant(world, patient, unpublished)).change), { code: 'statement-invalid' })
  t.equal(await inForce(), patient.inForce.state.text)
})

t.test('a roll is taken whole or not at all', async t => {
  await change(world, patient, await planRevocation(world, patient, second))
  const planned = await planDueRoll(world, patient, [doctor])
  const { grants } = planned.change
  await t.rejects(send({ ...planned.change, grants: [] }), { code: 'state-invalid' }, 'no re-issue')
  await t.rejects(send({ ...planned.change, grants: grants.map(({ statement }) => ({ statement, seals: [] })) }), {
    code: 'state-invalid',
  })
  await change(world, patient, planned)
  const reports = compartmentOf(patient, 'reports')
  const epochs = (who: typeof patient | typeof doctor | typeof second) =>
    world.vault.access.epochs(
      signed(world, who as typeof doctor, { path: `/v1/records/${recordId}/epochs/${reports}` }),
      recordId,
      reports,
    )
  t.same(
    (await epochs(patient)).epochs.map(({ epoch }) => epoch),
    [1, 0],
  )
  t.same(
    (await epochs(doctor)).epochs.map(({ link }) => link === null),
    [false, true],
  )
  await t.rejects(epochs(second), { code: 'no-grant' })
  t.equal((await view()).grants.length, 1)
})

t.test('a document moves only from where it lies, under the envelope that was signed', async t => {
  const { document } = await deposit(world, patient, doctor)
  const wrong = await planPlacement(world, patient, { document, from: 'imaging', to: 'masked' })
  await t.rejects(send(wrong.change), { code: 'document-unknown' })
  const never = await planPlacement(world, patient, { document: newId(), from: 'reports', to: 'masked' })
  await t.rejects(send(never.change), { code: 'document-unknown' })
  const good = await planPlacement(world, patient, { document, from: 'reports', to: 'masked' })
  const envelope = toBase64url(randomBytes(1200))
  const swapped = { ...good.change, placements: good.change.placements.map(each => ({ ...each, envelope })) }
  await t.rejects(send(swapped), { code: 'state-invalid' })
  await change(world, patient, good)
  t.same((await view()).placements, good.change.placements)
})

t.test('nothing of it is lost when the host starts again', async t => {
  await world.restart()
  const body = { ...(await view()) }
  t.equal(body.state, patient.inForce.state.text)
  await change(world, patient, await planGrant(world, patient, hospital))
})
