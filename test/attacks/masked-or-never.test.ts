/** Telling a masked document from one that never was: by the answer, by what the host does for it, by anything around it. */
import t from 'tap'
import type { DocumentId } from '../../src/protocol/ids.ts'
import { listen, recorded } from '../fixtures/recorded-calls.ts'
import { testFolder } from '../fixtures/test-folder.ts'

// Before the host's modules take their functions from the platform.
listen()
const { newId } = await import('../fixtures/document.ts')
const { insOf } = await import('../fixtures/patient.ts')
const { change, deposit, planGrant, planPlacement } = await import('../fixtures/vault-acts.ts')
const { DOCTOR, makeHolder, openRecord, openVaultWorld, publish, signed } = await import('../fixtures/vault-world.ts')

t.teardown(() => world.vault.close())
const world = await openVaultWorld(testFolder(t))
const patient = await openRecord(world, insOf('1'))
const { recordId } = patient.caller
const doctor = await publish(world, await makeHolder(world, DOCTOR))
await change(world, patient, await planGrant(world, patient, doctor))
await deposit(world, patient, doctor)
const { documents, access } = world.vault
const path = `/v1/records/${recordId}/documents`
const list = () => documents.list(signed(world, doctor, { path }), recordId, null)
const view = () => access.view(signed(world, doctor, { path: `/v1/records/${recordId}/access` }), recordId)

/** The log grows beside what is recorded, and can only add calls: the recording with the fewest has none of it. */
async function undisturbed(work: () => Promise<unknown>) {
  const recordings: Awaited<ReturnType<typeof recorded>>[] = []
  for (let i = 0; i < 6; i++) recordings.push(await recorded(work))
  return recordings.reduce((least, each) => (each.calls.length < least.calls.length ? each : least))
}

/** What a professional can ask of one document. */
const acts = {
  open: (document: DocumentId) => documents.open(signed(world, doctor, { path: `${path}/x` }), recordId, document),
  'read on': (document: DocumentId) =>
    documents.body(signed(world, doctor, { path: `${path}/x/body` }), recordId, document, { start: 0, end: 10 }),
  'report it': (document: DocumentId) =>
    documents.refused(signed(world, doctor, { path: `${path}/x/refused`, body: {} }), recordId, document, {
      reason: 'body-block',
    }),
}

const before = { list: await list(), view: await view() }
const hidden = await deposit(world, patient, doctor)
// Its author has it open when it is masked.
await acts.open(hidden.document)
await change(
  world,
  patient,
  await planPlacement(world, patient, { document: hidden.document, from: 'reports', to: 'masked' }),
)

for (const [name, act] of Object.entries(acts)) {
  t.test(`${name}: the same answer, by the same statements and crypto in the same order`, async t => {
    const masked = await undisturbed(() => act(hidden.document))
    const never = await undisturbed(() => act(newId()))
    t.match(masked.told, { code: 'document-unknown' })
    t.strictSame(masked.told, never.told)
    t.ok(masked.calls.length > 8, `${masked.calls.length} calls were heard`)
    t.ok(
      masked.calls.some(call => call.startsWith('crypto.')),
      'of crypto, too',
    )
    t.strictSame(masked.calls, never.calls)
  })
}

t.test('everything else that a professional receives is as it was before', async t => {
  const after = { list: await list(), view: await view() }
  t.strictSame(after.list.documents, before.list.documents)
  t.equal(after.list.next, before.list.next)
  t.equal(after.list.receipt.length, before.list.receipt.length, 'its receipt counts what is shown')
  t.strictSame(after.view.grant, before.view.grant)
  t.equal(after.view.proof.size, before.view.proof.size)
  const state = (text: string) => JSON.parse(Buffer.from(text.split('.')[1] ?? '', 'base64url').toString())
  t.strictSame(state(after.view.state).compartments, state(before.view.state).compartments)
})
