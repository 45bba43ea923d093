import t from 'tap'
import { verifyLeaf } from '../../src/log/sets.ts'
import { verifyState } from '../../src/log/state-chain.ts'
import { peek } from '../../src/log/verified.ts'
import type { NationalId, RecordId, RequestId } from '../../src/protocol/ids.ts'
import { Grant, StatementTyp } from '../../src/protocol/statements.ts'
import { requireGrant, requireRight } from '../../src/vault/access.ts'
import { newId } from '../fixtures/document.ts'
import { insOf } from '../fixtures/patient.ts'
import { openStaffedVault } from '../fixtures/staffed-vault.ts'
import { anyHash } from '../fixtures/states.ts'
import { chainOf, change, compartmentOf, eventOf, planGrant, planRevocation } from '../fixtures/vault-acts.ts'
import { DOCTOR, HOSPITAL, type Holder, openRecord, signed } from '../fixtures/vault-world.ts'

// One vault, one patient; each test goes on where the one before stopped.
const { world, ins, patient, recordId, doctor, second, hospital } = await openStaffedVault(t)
const { access, store } = world.vault

const view = (who: Holder) => access.view(signed(world, who, { path: `/v1/records/${recordId}/access` }), recordId)
const require = (caller: Holder['caller'], at = world.now()) => requireGrant(store.read, recordId, caller, at)

t.test('asking: the patient sees who waits, and answers', async t => {
  const asking = (who: Holder, whom = ins) =>
    access.request(signed(world, who, { path: '/v1/access-requests', body: { ins: whom } }), whom)
  const asked = await asking(doctor)
  t.equal(asked.recordId, recordId)
  t.match(await eventOf(world, asked.receipt), { action: 'access.request', object: { request: asked.request } })
  const byHospital = await asking(hospital)
  const pending = () =>
    access.pending(signed(world, patient, { path: `/v1/records/${recordId}/access-requests` }), recordId)
  t.match((await pending()).requests, [
    { request: asked.request, nationalId: DOCTOR.id, keyStatement: doctor.hash, acting: null },
    { request: byHospital.request, nationalId: HOSPITAL.id, acting: { name: 'Inès Robin' } },
  ])
  const again = await asking(doctor)
  t.equal((await pending()).requests.length, 2, 'asking again takes the place of the request before')
  const deny = (id: RequestId, who: Holder | typeof patient = patient) =>
    access.deny(
      signed(world, who as Holder, { path: `/v1/records/${recordId}/access-requests/${id}/deny`, body: {} }),
      recordId,
      id,
    )
  await t.rejects(deny(again.request, doctor), { code: 'no-grant' }, 'the patient alone answers')
  t.match(await eventOf(world, (await deny(again.request)).receipt), { action: 'access.deny' })
  await t.rejects(deny(again.request), { code: 'request-unknown' })
  const other = await openRecord(world, insOf('2'))
  await t.rejects(access.pending(signed(world, other, { path: '/' }), recordId), { code: 'no-grant' })
})

t.test('an INS without a record: nobody’s chain tells, the host counts', async t => {
  const unknown = insOf('3')
  const body = { ins: unknown }
  await t.rejects(access.request(signed(world, doctor, { path: '/v1/access-requests', body }), unknown), {
    code: 'record-unknown',
  })
  await world.vault.strangers.flush()
  t.ok(chainOf(world, 'system').includes('strangers.refused refused record-unknown'))
})

t.test('the own grant, and the proof that it is in force: nothing else of the state', async t => {
  await t.rejects(view(doctor), { code: 'no-grant' })
  t.equal(chainOf(world, recordId).at(-1), 'access.view refused no-grant', 'the patient sees the attempt')
  await change(world, patient, await planGrant(world, patient, doctor))
  await change(world, patient, await planGrant(world, patient, hospital, { rights: { imaging: ['deposit'] } }))
  const seen = await view(doctor)
  const { state } = patient.inForce
  t.equal(
    (await verifyState(seen.state, { deployment: world.anchors.deployment, ...patient.patient })).hash,
    state.hash,
  )
  const [hash = anyHash()] = patient.inForce.sets.grants
  t.ok(verifyLeaf(state.payload, seen.proof, hash))
  t.equal(peek(seen.grant.statement, { typ: StatementTyp.grant, schema: Grant }).grantee.id, DOCTOR.id)
  t.notMatch(JSON.stringify(seen), HOSPITAL.id)
  t.notMatch(JSON.stringify(seen), ins)
})

t.test('the links of a compartment are for who may read there', async t => {
  const epochs = (who: Holder, kind: 'reports' | 'imaging' | 'masked') => {
    const id = compartmentOf(patient, kind)
    return access.epochs(signed(world, who, { path: `/v1/records/${recordId}/epochs/${id}` }), recordId, id)
  }
  t.equal((await epochs(doctor, 'reports')).epochs.length, 1)
  await t.rejects(epochs(doctor, 'imaging'), { code: 'no-grant' })
  await t.rejects(epochs(doctor, 'masked'), { code: 'no-grant' })
  await t.rejects(epochs(hospital, 'imaging'), { code: 'no-grant' }, 'who deposits needs none')
  const unknown = newId<ReturnType<typeof compartmentOf>>()
  await t.rejects(access.epochs(signed(world, patient, { path: '/' }), recordId, unknown), { code: 'no-grant' })
})

t.test('a grant is this holder’s, in the state in force, before its term', async t => {
  const held = require(doctor.caller)
  t.equal(held.state, patient.inForce.state.hash)
  requireRight(held, 'read', compartmentOf(patient, 'reports'))
  t.throws(() => requireRight(held, 'read', compartmentOf(patient, 'imaging')), { code: 'no-grant' })
  t.throws(() => requireRight(require(hospital.caller), 'read', compartmentOf(patient, 'imaging')), {
    code: 'no-grant',
  })
  t.throws(() => require(second.caller), { code: 'no-grant' })
  t.throws(() => require({ ...doctor.caller, kind: 'establishment' }), { code: 'no-grant' }, 'an establishment’s word')
  t.throws(() => require({ ...hospital.caller, kind: 'professional' }), { code: 'no-grant' })
  t.throws(() => require(doctor.caller, new Date(world.now().getTime() + 30 * 86_400_000)), { code: 'no-grant' })
  t.throws(() => requireGrant(store.read, newId<RecordId>(), doctor.caller, world.now()), { code: 'record-unknown' })
})

t.test('the state decides, not the table: a row left over, or a blocked holder, gives nothing', async t => {
  const { sets, state } = patient.inForce
  let newest = state.hash
  const put = (changed: object) =>
    store.write(tx => {
      const next = anyHash()
      tx.run(
        `INSERT INTO states (hash, record, seq, statement, sets, entry)
         SELECT @next, record, seq + 1, statement, @sets, entry FROM states WHERE hash = @newest`,
        { next, newest, sets: JSON.stringify({ ...sets, ...changed }) },
      )
      newest = next
    })
  await put({ grants: [] })
  t.throws(() => require(doctor.caller), { code: 'no-grant' })
  await put({ blocked: [DOCTOR.id as NationalId] })
  t.throws(() => require(doctor.caller), { code: 'no-grant' })
  await put({ grants: [...sets.grants, ...Array.from({ length: 600 }, anyHash)] })
  t.ok(require(doctor.caller), 'of many, too')
  await put({})
  t.ok(require(doctor.caller))
  await store.write(tx => tx.run('DELETE FROM states WHERE seq > @seq', { seq: state.payload.seq }))
})

t.test('revoked: refused from that entry on', async t => {
  await change(world, patient, await planRevocation(world, patient, doctor))
  await t.rejects(view(doctor), { code: 'no-grant' })
  t.throws(() => require(doctor.caller), { code: 'no-grant' })
  t.ok(await view(hospital), 'others keep theirs')
})
