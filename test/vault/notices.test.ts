import t from 'tap'
import type { RecordId } from '../../src/protocol/ids.ts'
import { bearerHash } from '../../src/vault/bearer.ts'
import { insOf } from '../fixtures/patient.ts'
import { anyHash } from '../fixtures/states.ts'
import { testFolder } from '../fixtures/test-folder.ts'
import { change, deposit, planGrant } from '../fixtures/vault-acts.ts'
import { makeHolder, openRecord, openVaultWorld, publish, SECOND_DOCTOR, signed } from '../fixtures/vault-world.ts'

// The gateway is down all along: what is to leave stays in the outbox, where it can be counted.
const world = await openVaultWorld(testFolder(t))
t.teardown(() => world.vault.close())
const patient = await openRecord(world, insOf('1'))
const { recordId } = patient.caller
const doctor = await publish(world, await makeHolder(world))
const documents = `/v1/records/${recordId}/documents`

interface Waiting {
  readonly recipient: string
  readonly body: string
  readonly due: number
}
const outbox = () =>
  world.vault.store.read.all<Waiting>(
    `SELECT recipient, body, expires - 259200000 AS due FROM outbox WHERE kind = 'notice' ORDER BY expires, body`,
  )
const bodies = () => outbox().map(({ body }) => body)
const clear = () => world.vault.store.write(tx => tx.run('DELETE FROM outbox'))
const setContact = (record: RecordId, contact: string) =>
  world.vault.store.write(tx =>
    tx.run(
      `INSERT INTO accounts (record, opaque, contact_kind, contact, contact_salt, activated)
       VALUES (@record, '', 'mail', @contact, '', 0) ON CONFLICT (record) DO UPDATE SET contact = excluded.contact`,
      { record, contact },
    ),
  )
const list = () => world.vault.documents.list(signed(world, doctor, { path: documents }), recordId, null)
const choose = (accesses: 'on' | 'off', who = patient) =>
  world.vault.notices.choose(
    signed(world, who, { method: 'POST', path: `/v1/records/${recordId}/notices/${accesses}` }),
    recordId,
    accesses,
  )

t.test(
  'a change of who can get in is told, whatever the patient chose; without a contact there is nobody to tell',
  async t => {
    await change(world, patient, await planGrant(world, patient, doctor))
    t.same(outbox(), [])
    await setContact(recordId, 'p@example.invalid')
    world.advance(1000)
    await publish(world, await makeHolder(world, SECOND_DOCTOR))
    t.same(outbox(), [], 'a key of somebody without access is not told')
    await world.vault.store.write(tx => tx.run('UPDATE notices SET due = 0'))
    await list()
    await deposit(world, patient, doctor)
    t.same(outbox(), [], 'accesses are told to who wants it')
    const receipt = await choose('on')
    t.ok(receipt.receipt)
    t.match(outbox(), [{ recipient: 'p@example.invalid', body: 'change' }], 'the choice itself is one')
  },
)

t.test('an access is told at once, those that follow by one mail later', async t => {
  await clear()
  const began = world.now().getTime()
  await list()
  t.same(bodies(), ['access'])
  t.ok((outbox()[0]?.due ?? 0) < began + 10_000)
  await list()
  await list()
  t.same(bodies(), ['access', 'access'])
  const apart = (outbox()[1]?.due ?? 0) - (outbox()[0]?.due ?? 0)
  t.equal(apart, 10 * 60_000)
  for (let i = 0; i < 20; i++) await list()
  t.equal(outbox().length, 2, 'nobody can flood a mailbox')
  world.advance(60 * 60_000)
  await list()
  t.equal(outbox().length, 3, 'and after the second has left, the next is told')
})

t.test('a refused attempt is told like an access; the patient’s own acts are not', async t => {
  await clear()
  world.advance(60 * 60_000)
  await world.vault.documents.list(signed(world, patient, { path: documents }), recordId, null)
  t.same(bodies(), [])
  const stranger = await publish(world, await makeHolder(world, { ...SECOND_DOCTOR, id: '810000000033' } as never))
  await t.rejects(world.vault.documents.list(signed(world, stranger, { path: documents }), recordId, null), {
    code: 'no-grant',
  })
  t.same(bodies(), ['access'])
})

t.test('a notice is durable with its entry, or neither is', async t => {
  await clear()
  world.advance(60 * 60_000)
  const count = () => world.vault.store.read.get<{ n: number }>('SELECT COUNT(*) AS n FROM entries')?.n
  const before = count()
  await world.vault.store.write(tx =>
    tx.run(`CREATE TRIGGER full BEFORE INSERT ON outbox BEGIN SELECT RAISE(ABORT, 'no room'); END`),
  )
  await t.rejects(list())
  t.equal(count(), before)
  await world.vault.store.write(tx => tx.run('DROP TRIGGER full'))
  await list()
  t.same(bodies(), ['access'])
  await world.restart()
  t.same(bodies(), ['access'], 'and it outlives a restart')
})

t.test('off is off; only the patient chooses', async t => {
  await choose('off')
  await clear()
  world.advance(60 * 60_000)
  await list()
  t.same(bodies(), [])
  await t.rejects(choose('on', doctor as never), { code: 'no-grant' })
  t.same(bodies(), [], 'nor is that attempt told: it is off')
  await list()
  t.same(bodies(), [])
})

t.test('whoever takes an account over is told to the contact known before, in vain to the new one alone', async t => {
  await clear()
  world.advance(60 * 60_000)
  const { store, accounts } = world.vault
  const [challenge, registration] = [anyHash(), anyHash()]
  const address = 'thief@example.invalid'
  const at = world.now()
  await store.write(tx => {
    tx.run(
      `INSERT INTO one_time_passwords (handle, purpose, subject, device, contact, code, tries, sent, expires)
       VALUES (@handle, 'contact', @registration, 'proved', @address, '', 0, 0, @expires)`,
      { handle: bearerHash(challenge), registration, address, expires: at.getTime() + 60_000 },
    )
    const contact = { kind: 'mail', address } as const
    accounts.activate(tx, { recordId, registration, opaqueRecord: '', contact, contactSalt: '', challenge, at })
  })
  t.match(outbox(), [{ recipient: 'p@example.invalid', body: 'change' }])
})
