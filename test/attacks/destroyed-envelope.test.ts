import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { insOf } from '../fixtures/patient.ts'
import { testFolder } from '../fixtures/test-folder.ts'
import { change, deposit, planGrant, planPlacement } from '../fixtures/vault-acts.ts'
import { DOCTOR, makeHolder, openRecord, openVaultWorld, publish } from '../fixtures/vault-world.ts'

const folder = testFolder(t)

t.test('once a document is masked, a thief of the disk finds the envelope before nowhere', async t => {
  const world = await openVaultWorld(folder)
  t.teardown(() => world.vault.close())
  const patient = await openRecord(world, insOf('1'))
  const doctor = await publish(world, await makeHolder(world, DOCTOR))
  await change(world, patient, await planGrant(world, patient, doctor))
  const { request, document } = await deposit(world, patient, doctor)
  // SQLite may put a page boundary anywhere in it: a third of the envelope lies whole on some page.
  const parts = [0, 400, 800].map(at => request.envelope.slice(at, at + 300))
  const found = () =>
    readdirSync(folder)
      .filter(name => name.startsWith('store.sqlite'))
      .filter(name => parts.some(part => readFileSync(join(folder, name)).includes(part)))
  t.not(found().length, 0, 'it was there')
  await change(world, patient, await planPlacement(world, patient, { document, from: 'reports', to: 'masked' }))
  t.same(found(), [], 'neither in the database nor in its write-ahead log')
})
