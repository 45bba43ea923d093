import t from 'tap'
import { checkNext, parseEntry } from '../../src/log/entry.ts'
import type { RecordId } from '../../src/protocol/ids.ts'
import { newId } from '../fixtures/document.ts'
import { insOf } from '../fixtures/patient.ts'
import { anyHash } from '../fixtures/states.ts'
import { testFolder } from '../fixtures/test-folder.ts'
import { change, planGrant } from '../fixtures/vault-acts.ts'
import {
  type Holder,
  makeHolder,
  openRecord,
  openVaultWorld,
  publish,
  signed,
  type WorldPatient,
} from '../fixtures/vault-world.ts'

t.teardown(() => world.vault.close())
const world = await openVaultWorld(testFolder(t))
const patient = await openRecord(world, insOf('1'))
const { recordId } = patient.caller
const doctor = await publish(world, await makeHolder(world))
await change(world, patient, await planGrant(world, patient, doctor))

const page = (who: WorldPatient | Holder, after = -1, record: RecordId = recordId) =>
  world.vault.log.page(
    signed(world, who as WorldPatient, { path: `/v1/records/${record}/chain?after=${after}` }),
    record,
    after,
  )

t.test('the patient reads the own chain, whole and in order; nobody else does', async t => {
  const { entries, last } = await page(patient)
  t.ok(last)
  const parsed = entries.map(parseEntry)
  for (const [i, entry] of parsed.entries()) checkNext(parsed[i - 1] ?? null, entry)
  t.same(
    parsed.map(each => each.parsed.event.action),
    ['record.open', 'grant.give'],
  )
  t.equal((await page(patient, 0)).entries.length, 1)
  t.same((await page(patient, 1)).entries, [])
  await t.rejects(page(doctor), { code: 'no-grant' })
  await t.rejects(page(await openRecord(world, insOf('2'))), { code: 'no-grant' })
  await t.rejects(page(patient, -1, newId<RecordId>()), { code: 'no-grant' })
})

t.test('where an entry stands in the tree, once it is there', async t => {
  await world.restart()
  const { entries } = await page(patient)
  const [first] = entries.map(parseEntry)
  t.type(entries[0]?.leaf, 'number')
  t.equal(world.vault.log.leafOf(first?.hash ?? anyHash()).leaf, entries[0]?.leaf)
  t.equal(world.vault.log.leafOf(anyHash()).leaf, null)
  t.ok(await world.vault.log.file('checkpoint'))
  t.equal(await world.vault.log.file('store.sqlite'), null)
})

t.test('health says whether the log can be written', async t => {
  const { status, treeSize } = await world.vault.log.health()
  t.equal(status, 'ok')
  t.ok(treeSize > 0)
})
