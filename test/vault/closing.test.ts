import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { openStoreSource } from '../../src/cli/audit/store-source.ts'
import { audit } from '../../src/log/audit/audit.ts'
import { bearerHash } from '../../src/vault/bearer.ts'
import { integrated } from '../fixtures/integrated.ts'
import { insOf } from '../fixtures/patient.ts'
import { testFolder } from '../fixtures/test-folder.ts'
import { chainOf, change, deposit, planGrant, planRevocation } from '../fixtures/vault-acts.ts'
import { DOCTOR, makeHolder, openRecord, openVaultWorld, publish, signed } from '../fixtures/vault-world.ts'

t.teardown(() => world.vault.close())
const world = await openVaultWorld(testFolder(t))
const ins = insOf('1')
const [patient, other] = [await openRecord(world, ins), await openRecord(world, insOf('2'))]
const { recordId } = patient.caller
const doctor = await publish(world, await makeHolder(world, DOCTOR))
for (const each of [patient, other]) await change(world, each, await planGrant(world, each, doctor))
const mine = await deposit(world, patient, doctor)
const kept = await deposit(world, other, doctor)
const mail = 'quelqu.un@test.invalid'
const { store } = world.vault
const ask = (path: string) =>
  signed(world, patient, { method: 'POST', path: `/v1/records/${recordId}/${path}`, body: {} })
const close = () => world.vault.closings.close(ask('close'), recordId)
/** Signed in just now, as a sensitive act wants it. */
const signIn = () =>
  store.write(tx => {
    const now = world.now().getTime()
    tx.run('DELETE FROM sessions')
    tx.run('INSERT INTO sessions (session, record, opened, used) VALUES (@session, @recordId, @now, @now)', {
      session: bearerHash(ask('close').session ?? ''),
      recordId,
      now,
    })
  })
await store.write(tx =>
  tx.run(
    `INSERT INTO accounts (record, opaque, contact_kind, contact, contact_salt, activated)
     VALUES (@recordId, 'x', 'mail', @mail, 'x', 0)`,
    { recordId, mail },
  ),
)

/** Every byte that the vault has on the disk. */
const disk = () =>
  readdirSync(world.folder, { recursive: true, encoding: 'utf8' })
    .map(name => join(world.folder, name))
    .filter(path => statSync(path).isFile())
    .map(path => readFileSync(path))

t.test('closed only by who signed in just now, and without a grant in force', async t => {
  await t.rejects(close(), { code: 'session-required' })
  await signIn()
  await t.rejects(close(), { code: 'state-invalid' })
  await change(world, patient, await planRevocation(world, patient, doctor))
  const { destroyedAt } = await close()
  t.equal(new Date(destroyedAt).getUTCFullYear(), world.now().getUTCFullYear() + 10)
  world.advance(60_000)
  t.equal((await close()).destroyedAt, destroyedAt, 'closing it again does not prolong it')
  await t.rejects(change(world, patient, await planGrant(world, patient, doctor)), { code: 'record-closed' })
  t.equal(await world.vault.closings.destroyDue(), 0)
})

t.test('destroyed when its time has come: nothing that opens it, or tells whose it was, is left anywhere', async t => {
  const secrets: readonly (string | Uint8Array)[] = [
    ins,
    mail,
    mine.request.envelope.slice(0, 60),
    mine.request.manifest.slice(0, 60),
    mine.body.subarray(0, 60),
    ...store.read
      .all<{ bytes: string }>('SELECT bytes FROM bundles WHERE record = @recordId', { recordId })
      .map(({ bytes }) => bytes.slice(0, 60)),
  ]
  const left = () => secrets.filter(secret => disk().some(bytes => bytes.includes(secret as string)))
  t.equal(left().length, secrets.length)
  world.advance(10 * 366 * 86_400_000)
  t.equal(await world.vault.closings.destroyDue(), 1)
  t.equal(await world.vault.closings.destroyDue(), 0, 'once')
  t.same(left(), [])
  t.ok(
    disk().some(bytes => bytes.includes(kept.body.subarray(0, 60))),
    'others’ stay',
  )
  t.equal(chainOf(world, recordId).at(-1)?.split(' ')[0], 'record.destroy')
  const again = await openRecord(world, ins)
  t.not(again.caller.recordId, recordId, 'the INS may open a new record')
})

t.test('an auditor finds nothing wrong in it, and finds what would be', async t => {
  const codes = async () => {
    const source = openStoreSource(world.folder, { bodies: true })
    try {
      const { findings } = await audit(source, { anchors: world.anchors, now: world.now() })
      return [...new Set(findings.map(({ code }) => code))]
    } finally {
      source.close()
    }
  }
  // The clock went ten years further at once: what waits for the tree looks that late.
  await integrated(world)
  const found = await codes()
  t.same(found, [])
  await store.write(tx => tx.run(`UPDATE entries SET event = replace(event, 'record.close', 'record.reopen')`))
  t.ok((await codes()).includes('closing-broken'))
})
