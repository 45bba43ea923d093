import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { randomBytes, toBase64url } from '../../src/crypto/bytes.ts'
import { sha256 } from '../../src/crypto/hash.ts'
import type { DocumentId, Hash, RecordId, UploadId } from '../../src/protocol/ids.ts'
import { type DepositRequest, PART_SIZE } from '../../src/protocol/messages.ts'
import { newId } from '../fixtures/document.ts'
import { insOf } from '../fixtures/patient.ts'
import { openStaffedVault } from '../fixtures/staffed-vault.ts'
import { anyHash } from '../fixtures/states.ts'
import {
  chainOf,
  change,
  compartmentOf,
  deposit,
  eventOf,
  planDueRoll,
  planGrant,
  planRevocation,
  sealDocument,
  sendPart,
  upload,
} from '../fixtures/vault-acts.ts'
import { DOCTOR, type Holder, makeHolder, openRecord, publish, signed } from '../fixtures/vault-world.ts'

// One vault, one patient; each test goes on where the one before stopped.
const { folder, world, patient, recordId, doctor, second, hospital } = await openStaffedVault(t)
await change(world, patient, await planGrant(world, patient, doctor))
await change(world, patient, await planGrant(world, patient, second, { rights: { reports: ['read'] } }))
await change(world, patient, await planGrant(world, patient, hospital))
const { uploads, documents } = world.vault

const send = (who: Holder, body: DepositRequest, record: RecordId = recordId) =>
  documents.deposit(signed(world, who, { path: `/v1/records/${record}/documents`, body }), record, body)
const ready = async (who: Holder = doctor, content?: Uint8Array) => {
  const sealed = await sealDocument(world, patient, who, content === undefined ? {} : { content })
  return { ...sealed, upload: await upload(world, patient, who, sealed) }
}
const start = (who: Holder, length: number, kind: 'reports' | 'imaging' = 'reports') => {
  const body = { compartment: compartmentOf(patient, kind), length }
  return uploads.start(signed(world, who, { path: `/v1/records/${recordId}/uploads`, body }), recordId, body)
}
const entries = () => chainOf(world, recordId)

t.test('a deposit is taken with its entry; the same again is the same', async t => {
  const before = entries().length
  const { request, receipt, document, compartment } = await deposit(world, patient, doctor)
  const event = await eventOf(world, receipt)
  t.match(event, {
    action: 'document.deposit',
    outcome: 'ok',
    object: { document, compartment },
    actor: { id: DOCTOR.id },
  })
  t.equal(event.state, patient.inForce.state.hash)
  t.equal(entries().length, before + 1)
  t.equal((await send(doctor, request)).receipt, receipt)
  t.equal(entries().length, before + 1, 'no second entry')
  t.same(readdirSync(join(folder, 'uploads')), [], 'nothing is left of the upload')
  const byHospital = await deposit(world, patient, hospital)
  t.match(await eventOf(world, byHospital.receipt), {
    actor: { kind: 'establishment', acting: { name: 'Inès Robin' } },
  })
})

t.test('a body of several parts, in any order, one of them sent twice', async t => {
  const sealed = await sealDocument(world, patient, doctor, { content: randomBytes(PART_SIZE + 100_000) })
  const { upload: id } = await start(doctor, sealed.body.length)
  await sendPart(world, patient, doctor, { upload: id, n: 1, body: sealed.body })
  const request = { ...(await sealed.finish()), upload: id }
  await t.rejects(send(doctor, request), { code: 'upload-incomplete' })
  await sendPart(world, patient, doctor, { upload: id, n: 0, body: randomBytes(sealed.body.length) })
  await sendPart(world, patient, doctor, { upload: id, n: 0, body: sealed.body })
  t.ok((await send(doctor, request)).receipt)
})

t.test('one part sent twice at once: what is deposited is what the file holds', async t => {
  const sealed = await sealDocument(world, patient, doctor)
  const { upload: id } = await start(doctor, sealed.body.length)
  const request = { ...(await sealed.finish()), upload: id }
  let release = () => {}
  const held = new Promise<void>(resolve => {
    release = resolve
  })
  const path = `/v1/records/${recordId}/uploads/${id}/parts/0`
  const put = (bytes: Uint8Array, wait: Promise<void>) =>
    uploads.part(
      signed(world, doctor, { method: 'PUT', path }),
      { record: recordId, upload: id, n: 0 },
      (async function* () {
        await wait
        yield bytes
      })(),
      sha256(bytes),
    )
  const first = put(sealed.body, held)
  const second = put(randomBytes(sealed.body.length), held)
  setImmediate(() => setImmediate(release))
  await t.rejects(first, { code: 'part-invalid' }, 'the file is not what this one wrote')
  await second
  await t.rejects(send(doctor, request), { code: 'body-mismatch' })
  await sendPart(world, patient, doctor, { upload: id, n: 0, body: sealed.body })
  t.ok((await send(doctor, request)).receipt)
})

t.test('who holds another’s deposit statement has no receipt coming', async t => {
  const { request } = await deposit(world, patient, doctor)
  const stranger = await publish(world, await makeHolder(world, { ...DOCTOR, id: '810000000041' } as never))
  await t.rejects(send(stranger, request), { code: 'no-grant' })
  await t.rejects(send(hospital, request), { code: 'statement-invalid' })
})

t.test('without the right to deposit there: refused before the upload and after it, and logged', async t => {
  await t.rejects(start(second, 10), { code: 'no-grant' })
  await t.rejects(start(doctor, 10, 'imaging'), { code: 'no-grant' })
  const stranger = await publish(world, await makeHolder(world, { ...DOCTOR, id: '810000000033' } as never))
  await t.rejects(start(stranger, 10), { code: 'no-grant' })
  const mine = await ready()
  const elsewhere = { ...(await mine.finish({ compartment: compartmentOf(patient, 'imaging') })), upload: mine.upload }
  await t.rejects(send(doctor, elsewhere), { code: 'no-grant' })
  t.same(entries().slice(-4), Array(4).fill('document.deposit refused no-grant'))
})

t.test('only what its author signed, for this record, on a state it had', async t => {
  const mine = await ready()
  const good = { ...(await mine.finish()), upload: mine.upload }
  await t.rejects(send(hospital, good), { code: 'statement-invalid' }, 'somebody else’s statement')
  const other = await openRecord(world, insOf('2'))
  await change(world, other, await planGrant(world, other, doctor))
  await t.rejects(send(doctor, good, other.caller.recordId), { code: 'statement-invalid' }, 'another record’s')
  await t.rejects(send(doctor, { ...(await mine.finish({ state: anyHash() })), upload: mine.upload }), {
    code: 'statement-invalid',
  })
  const foreign = { state: other.inForce.state.hash }
  await t.rejects(send(doctor, { ...(await mine.finish(foreign)), upload: mine.upload }), { code: 'statement-invalid' })
  const altered = `${good.deposit.slice(0, -4)}AAAA`
  await t.rejects(send(doctor, { ...good, deposit: altered }), { code: 'statement-invalid' })
  t.ok((await send(doctor, good)).receipt)
})

t.test('what was uploaded must be what was signed', async t => {
  const mine = await ready()
  const good = { ...(await mine.finish()), upload: mine.upload }
  const other = { upload: await upload(world, patient, doctor, { ...mine, body: randomBytes(mine.body.length) }) }
  await t.rejects(send(doctor, { ...good, ...other }), { code: 'body-mismatch' }, 'another body of the same length')
  const longer = { upload: await upload(world, patient, doctor, { ...mine, body: randomBytes(mine.body.length + 1) }) }
  await t.rejects(send(doctor, { ...good, ...longer }), { code: 'body-mismatch' }, 'a longer one')
  await t.rejects(send(doctor, { ...good, manifest: toBase64url(randomBytes(1100)) }), { code: 'body-mismatch' })
  await t.rejects(send(doctor, { ...good, envelope: toBase64url(randomBytes(1200)) }), { code: 'body-mismatch' })
  await t.rejects(send(doctor, { ...good, upload: newId<UploadId>() }), { code: 'upload-unknown' })
  t.ok((await send(doctor, good)).receipt)
  await t.rejects(send(doctor, { ...(await mine.finish()), upload: mine.upload }), {
    code: /^(document-exists|upload-unknown)$/,
  })
})

t.test('a deposit is dated when it is made', async t => {
  for (const minutes of [-11, 11]) {
    const mine = await ready()
    const request = { ...(await mine.finish()), upload: mine.upload }
    world.advance(minutes * 60_000)
    await t.rejects(send(doctor, request), { code: 'statement-invalid' }, `${minutes} minutes off`)
    world.advance(-minutes * 60_000)
    t.ok((await send(doctor, request)).receipt)
  }
})

t.test('a document’s id is taken once', async t => {
  const mine = await ready()
  await send(doctor, { ...(await mine.finish()), upload: mine.upload })
  world.advance(1)
  const again = { upload: await upload(world, patient, doctor, mine) }
  await t.rejects(send(doctor, { ...(await mine.finish()), ...again }), { code: 'document-exists' })
})

t.test('parts: their place, length, digest and sender', async t => {
  const { upload: id, expiresAt } = await start(doctor, 100)
  t.ok(Date.parse(expiresAt) > world.now().getTime())
  const part = (who: Holder, n: number, bytes: Uint8Array, signedBytes = bytes, record = recordId) =>
    uploads.part(
      signed(world, who, { method: 'PUT', path: `/v1/records/${recordId}/uploads/${id}/parts/${n}` }),
      { record, upload: id, n },
      (async function* () {
        yield bytes
      })(),
      sha256(signedBytes),
    )
  const bytes = randomBytes(100)
  await t.rejects(part(doctor, 0, bytes, randomBytes(100)), { code: 'part-invalid' }, 'not the one that was signed')
  await t.rejects(part(doctor, 0, randomBytes(99)), { code: 'part-invalid' }, 'too short')
  await t.rejects(part(doctor, 0, randomBytes(101)), { code: 'part-invalid' }, 'too long')
  await t.rejects(part(doctor, 1, bytes), { code: 'part-invalid' }, 'no such part')
  await t.rejects(part(hospital, 0, bytes), { code: 'upload-unknown' }, 'another key’s upload')
  await t.rejects(part(doctor, 0, bytes, bytes, newId<RecordId>()), { code: 'upload-unknown' }, 'another record’s')
  world.advance(24 * 3600_000 + 1000)
  await t.rejects(part(doctor, 0, bytes), { code: 'upload-unknown' }, 'expired')
  world.advance(-24 * 3600_000 - 1000)
})

t.test('no more than so much, and so many at once', async t => {
  await t.rejects(start(doctor, 4 * 1024 ** 3 + 1), { code: 'too-large' })
  for (let i = 0; ; i++) {
    const refused = await start(doctor, 10).then(
      () => null,
      error => error,
    )
    if (refused === null && i < 40) continue
    t.match(refused, { code: 'busy' })
    t.ok(i >= 10, `${i} at once`)
    break
  }
  for (let i = 0; i < 40; i++) t.ok((await start(hospital, 10)).upload, 'an establishment, of which many deposit')
  world.advance(24 * 3600_000 + 1000)
  t.ok(await start(doctor, 10), 'given up after a day')
  world.advance(-24 * 3600_000 - 1000)
})

t.test('the epoch must be the one in force when the deposit arrives', async t => {
  const mine = await ready()
  const early = { ...(await mine.finish()), upload: mine.upload }
  await change(world, patient, await planRevocation(world, patient, second))
  await change(world, patient, await planDueRoll(world, patient, [doctor, hospital]))
  await t.rejects(send(doctor, early), { code: 'epoch-stale' })
  t.equal(entries().at(-1), 'document.deposit refused epoch-stale')
  const { compartments } = patient.inForce.state.payload
  const now = compartments.find(({ id }) => id === mine.compartment)
  const ahead = { epoch: 2, state: patient.inForce.state.hash }
  await t.rejects(
    send(doctor, { ...(await mine.finish(ahead)), upload: mine.upload }),
    { code: 'epoch-stale' },
    'nor one to come',
  )
  t.equal(now?.epoch, 1)
  const rebased = {
    ...(await mine.finish({ epoch: 1, state: patient.inForce.state.hash as Hash })),
    upload: mine.upload,
  }
  const { receipt } = await send(doctor, rebased)
  t.match(await eventOf(world, receipt), { object: { document: mine.document as DocumentId } })
})

t.test('revoked between upload and deposit: refused', async t => {
  const mine = await ready()
  await change(world, patient, await planRevocation(world, patient, doctor))
  await t.rejects(send(doctor, { ...(await mine.finish()), upload: mine.upload }), { code: 'no-grant' })
})
