import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { openStoreSource } from '../../../src/cli/audit/store-source.ts'
import { randomBytes, toBase64url } from '../../../src/crypto/bytes.ts'
import { audit } from '../../../src/log/audit/audit.ts'
import { parseCheckpoint } from '../../../src/log/checkpoint.ts'
import { parseNote } from '../../../src/log/note.ts'
import { checkCopy, copyStore } from '../../../src/vault/store/backup.ts'
import { integrated } from '../../fixtures/integrated.ts'
import { insOf } from '../../fixtures/patient.ts'
import { testFolder } from '../../fixtures/test-folder.ts'
import { change, deposit, planGrant } from '../../fixtures/vault-acts.ts'
import { DOCTOR, makeHolder, openRecord, openVaultWorld, publish } from '../../fixtures/vault-world.ts'

const folder = testFolder(t)
const world = await openVaultWorld(join(folder, 'store'))
t.teardown(() => world.vault.close())
const patient = await openRecord(world, insOf('1'))
const doctor = await publish(world, await makeHolder(world, DOCTOR))
await change(world, patient, await planGrant(world, patient, doctor))
// one small enough for the database, one that is a file
await deposit(world, patient, doctor)
await deposit(world, patient, doctor, { content: randomBytes(100_000) })
const onProgress = () => undefined
const copy = (to: string) => copyStore({ from: world.folder, to, onProgress })
t.test('a copy of a store in use is whole, and an auditor finds nothing wrong in it', async t => {
  await integrated(world)
  const to = join(folder, 'copy')
  const [copied] = await Promise.all([copy(to), deposit(world, patient, doctor), deposit(world, patient, doctor)])
  t.ok(copied.bodies >= 2 && copied.treeSize > 0 && copied.entries >= copied.treeSize)
  t.equal(statSync(to).mode & 0o777, 0o700, 'nobody else’s')
  const source = openStoreSource(to, { bodies: true })
  const { findings } = await audit(source, { anchors: world.anchors, now: world.now() })
  source.close()
  t.same(findings, [])
  await t.rejects(copy(to), { code: 'backup-exists' })
})

t.test('a copy that lacks what somebody saw is not restored', async t => {
  const then = parseCheckpoint(parseNote(readFileSync(join(folder, 'copy', 'log', 'checkpoint'), 'utf8')).text)
  t.doesNotThrow(() => checkCopy(join(folder, 'copy'), then))
  t.doesNotThrow(() => checkCopy(join(folder, 'copy'), null))
  await deposit(world, patient, doctor)
  const now = await integrated(world)
  t.throws(() => checkCopy(join(folder, 'copy'), now), { code: 'restore-older' })
  const other = { size: then.size, root: now.root }
  t.not(toBase64url(other.root), toBase64url(then.root))
  t.throws(() => checkCopy(join(folder, 'copy'), other), { code: 'restore-other' })
})

t.test('a body that is not there is told, and half a copy is not left', async t => {
  const bodies = join(world.folder, 'bodies')
  const [first = ''] = readdirSync(bodies, { recursive: true, encoding: 'utf8' }).filter(name => name.length > 40)
  rmSync(join(bodies, first))
  const to = join(folder, 'broken')
  await t.rejects(copy(to), { code: 'backup-incomplete' })
  t.notOk(readdirSync(folder).includes('broken'))
})
