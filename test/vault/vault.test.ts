import t from 'tap'
import { insOf } from '../fixtures/patient.ts'
import { anyHash } from '../fixtures/states.ts'
import { testFolder } from '../fixtures/test-folder.ts'
import { chainOf, change, deposit, planGrant } from '../fixtures/vault-acts.ts'
import { asInsurer, letter, makeHolder, openRecord, openVaultWorld, publish, signed } from '../fixtures/vault-world.ts'

t.teardown(() => world.vault.close())
const world = await openVaultWorld(testFolder(t))
const code = await letter(world, insOf('9'), 'activation')
const patient = await openRecord(world, insOf('1'))
const doctor = await publish(world, await makeHolder(world))

t.test('whose key it is that signs a request', async t => {
  for (const who of [patient, doctor, code, asInsurer(world)]) {
    const resolved = await world.vault.callers.resolve(who.keyId)
    t.same(resolved?.caller, who.caller, who.caller.kind)
    t.same(resolved?.verifyKey.bytes, who.key.verifyKey.bytes)
  }
  const unknown = [
    '',
    'host',
    'insurer:',
    `identity:${anyHash()}`,
    `key:${anyHash()}`,
    `code:${anyHash()}`,
    `identity:${doctor.hash}`,
    `${patient.keyId}:x`,
  ]
  for (const keyId of unknown) t.equal(await world.vault.callers.resolve(keyId), null, keyId)
})

t.test('stopped and started, everything acknowledged is there, and the log tells of it', async t => {
  await change(world, patient, await planGrant(world, patient, doctor))
  const { document, receipt } = await deposit(world, patient, doctor)
  const before = chainOf(world, patient.caller.recordId)
  await world.restart()
  t.same(chainOf(world, patient.caller.recordId), before)
  t.same(
    chainOf(world, 'system').filter(line => line.startsWith('host.')),
    ['host.start', 'host.stop', 'host.start'],
  )
  const path = `/v1/records/${patient.caller.recordId}/documents/${document}`
  t.ok((await world.vault.documents.open(signed(world, doctor, { path }), patient.caller.recordId, document)).receipt)
  t.ok(receipt)
  t.same(
    world.events.filter(({ kind }) => kind === 'integrator-failed' || kind === 'housekeeping-failed'),
    [],
  )
})
