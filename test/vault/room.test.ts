import t from 'tap'
import { insOf } from '../fixtures/patient.ts'
import { testFolder } from '../fixtures/test-folder.ts'
import { chainOf, change, deposit, planGrant, planPlacement, sealDocument, upload } from '../fixtures/vault-acts.ts'
import { DOCTOR, makeHolder, openRecord, openVaultWorld, publish, signed } from '../fixtures/vault-world.ts'

const PAST_EVERY_DISK = 2 ** 52

/** A vault with these bounds, a patient and a doctor with a grant. */
async function made(folder: string, room: { reserve: number; quota: number | null }) {
  const world = await openVaultWorld(folder, { room })
  const patient = await openRecord(world, insOf('1'))
  const doctor = await publish(world, await makeHolder(world, DOCTOR))
  await change(world, patient, await planGrant(world, patient, doctor))
  return { world, patient, doctor, path: `/v1/records/${patient.caller.recordId}/documents` }
}

t.test('documents leave the reserve free; the log and all that patients decide goes on', async t => {
  const { world, patient, doctor, path } = await made(testFolder(t), { reserve: PAST_EVERY_DISK, quota: null })
  t.teardown(() => world.vault.close())
  const { recordId } = patient.caller
  const sealed = await sealDocument(world, patient, doctor)
  const before = chainOf(world, recordId).length
  for (let i = 0; i < 2; i++) await t.rejects(upload(world, patient, doctor, sealed), { code: 'store-full' })
  t.equal(chainOf(world, recordId).length, before, 'the host’s own trouble is no entry of a patient')
  t.equal(world.events.filter(({ kind }) => kind === 'store-full').length, 1, 'the operator is told, once')
  t.ok((await world.vault.documents.list(signed(world, doctor, { path }), recordId, null)).receipt)
})

t.test('all bodies together stay within the quota; a body that is there already takes nothing', async t => {
  const { world, patient, doctor } = await made(testFolder(t), { reserve: 0, quota: 12_000 })
  t.teardown(() => world.vault.close())
  const { document, body } = await deposit(world, patient, doctor)
  const next = await deposit(world, patient, doctor)
  t.ok(body.length + next.body.length <= 12_000)
  const third = await sealDocument(world, patient, doctor)
  await t.rejects(upload(world, patient, doctor, third), { code: 'store-full' })
  await change(world, patient, await planPlacement(world, patient, { document, from: 'reports', to: 'masked' }))
  t.ok(true, 'masking needs no room')
})
