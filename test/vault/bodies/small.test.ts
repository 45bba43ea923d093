import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { equal, randomBytes, toBase64url } from '../../../src/crypto/bytes.ts'
import { sha256 } from '../../../src/crypto/hash.ts'
import { BlockTree } from '../../../src/log/block-tree.ts'
import type { Hash } from '../../../src/protocol/ids.ts'
import { SMALL_BODY } from '../../../src/protocol/messages.ts'
import { collectSmallBodies, isSmallBody } from '../../../src/vault/bodies/small.ts'
import { collect } from '../../fixtures/document.ts'
import { insOf } from '../../fixtures/patient.ts'
import { testFolder } from '../../fixtures/test-folder.ts'
import { change, compartmentOf, deposit, planGrant, sealDocument, sendPart } from '../../fixtures/vault-acts.ts'
import { DOCTOR, makeHolder, openRecord, openVaultWorld, publish, signed } from '../../fixtures/vault-world.ts'

// One vault, one patient; each test goes on where the one before stopped.
t.teardown(() => world.vault.close())
const folder = testFolder(t)
const world = await openVaultWorld(folder)
const patient = await openRecord(world, insOf('1'))
const { recordId } = patient.caller
const doctor = await publish(world, await makeHolder(world, DOCTOR))
await change(world, patient, await planGrant(world, patient, doctor))

const rootOf = (bytes: Uint8Array) => toBase64url(new BlockTree().update(bytes).digest().root) as Hash
const isKept = (bytes: Uint8Array) => isSmallBody(world.vault.store.read, rootOf(bytes))
const isFile = (bytes: Uint8Array) => existsSync(join(folder, 'bodies', rootOf(bytes).slice(0, 2), rootOf(bytes)))
const path = `/v1/records/${recordId}/documents`
const started = async (length: number) => {
  const start = { compartment: compartmentOf(patient, 'reports'), length }
  const request = signed(world, doctor, { path: `/v1/records/${recordId}/uploads`, body: start })
  return (await world.vault.uploads.start(request, recordId, start)).upload
}
/** All of a part at once, as a listener hands a short one on. */
const sendWhole = (upload: Awaited<ReturnType<typeof started>>, bytes: Uint8Array, digest = sha256(bytes), n = 0) =>
  world.vault.uploads.part(
    signed(world, doctor, { method: 'PUT', path: `/v1/records/${recordId}/uploads/${upload}/parts/${n}` }),
    { record: recordId, upload, n },
    [bytes.subarray(0, 7), bytes.subarray(7)],
    digest,
  )
const read = async (
  document: Parameters<typeof world.vault.documents.open>[2],
  range: { start: number; end: number | null } | null = null,
) => {
  await world.vault.documents.open(signed(world, doctor, { path: `${path}/x` }), recordId, document)
  const asked = signed(world, doctor, { path: `${path}/x/body` })
  return collect((await world.vault.documents.body(asked, recordId, document, range)).bytes)
}

t.test('a small body goes into the database and no file is made; a larger one is a file', async t => {
  const small = await deposit(world, patient, doctor)
  t.ok(isKept(small.body) && !isFile(small.body))
  t.same(readdirSync(join(folder, 'uploads')), [])
  t.ok(equal(await read(small.document), small.body))
  t.ok(equal(await read(small.document, { start: 3, end: 10 }), small.body.subarray(3, 10)))
  const large = await deposit(world, patient, doctor, { content: randomBytes(SMALL_BODY + 1) })
  t.ok(isFile(large.body) && !isKept(large.body))
  t.ok(equal(await read(large.document), large.body))
})

t.test('a part in one piece: its length, number and digest', async t => {
  const sealed = await sealDocument(world, patient, doctor)
  const { body } = sealed
  const upload = await started(body.length)
  await t.rejects(sendWhole(upload, body.subarray(1)), { code: 'part-invalid' }, 'too short')
  await t.rejects(sendWhole(upload, body, sha256(body.subarray(1))), { code: 'part-invalid' }, 'not what was signed')
  await t.rejects(sendWhole(upload, body, sha256(body), 1), { code: 'part-invalid' }, 'there is one part')
  t.notOk(isKept(body), 'a part that was refused is not kept')
  await sendWhole(upload, randomBytes(body.length))
  await sendWhole(upload, body)
  const request = { ...(await sealed.finish()), upload }
  await world.vault.documents.deposit(signed(world, doctor, { path, body: request }), recordId, request)
  t.ok(equal(await read(sealed.document), body), 'the part that was sent last')
  const end = randomBytes(20)
  const large = await started(8 * 1024 * 1024 + end.length)
  await sendWhole(large, end, sha256(end), 1)
  t.notOk(isKept(end), 'the end of a large upload goes to its file')
})

t.test('what was sent and not deposited stays while its upload does, and goes after that', async t => {
  const [open, expired] = [randomBytes(1000), randomBytes(1000)]
  await sendPart(world, patient, doctor, { upload: await started(1000), n: 0, body: expired })
  world.advance(24 * 3600_000 + 1000)
  await sendPart(world, patient, doctor, { upload: await started(1000), n: 0, body: open })
  const { body } = await deposit(world, patient, doctor)
  await collectSmallBodies(world.vault.store, AbortSignal.abort())
  t.ok(isKept(expired), 'a stop is heard')
  await collectSmallBodies(world.vault.store, new AbortController().signal)
  t.notOk(isKept(expired))
  t.ok(isKept(open), 'its deposit may come')
  t.ok(isKept(body))
  world.advance(-24 * 3600_000 - 1000)
})
