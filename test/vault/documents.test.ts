import t from 'tap'
import { equal, fromBase64url, randomBytes } from '../../src/crypto/bytes.ts'
import { listHash } from '../../src/log/list.ts'
import type { DocumentId, RecordId } from '../../src/protocol/ids.ts'
import { collect, newId } from '../fixtures/document.ts'
import { insOf } from '../fixtures/patient.ts'
import { openStaffedVault } from '../fixtures/staffed-vault.ts'
import { chainOf, change, deposit, eventOf, planGrant, planPlacement, planRevocation } from '../fixtures/vault-acts.ts'
import { openRecord, signed } from '../fixtures/vault-world.ts'

// One vault, one patient; each test goes on where the one before stopped.
const { world, patient, recordId, doctor, second, hospital } = await openStaffedVault(t)
await change(world, patient, await planGrant(world, patient, doctor))
await change(world, patient, await planGrant(world, patient, hospital, { rights: { reports: ['deposit'] } }))
const { documents } = world.vault
const path = `/v1/records/${recordId}/documents`

type Reader = typeof doctor | typeof patient
const list = (who: Reader, record: RecordId = recordId) =>
  documents.list(signed(world, who as typeof doctor, { path }), record, null)
const open = (who: Reader, document: DocumentId, record: RecordId = recordId) =>
  documents.open(signed(world, who as typeof doctor, { path: `${path}/${document}` }), record, document)
const range = (who: Reader, document: DocumentId, bounds: { start: number; end: number | null } | null = null) =>
  documents.body(signed(world, who as typeof doctor, { path: `${path}/${document}/body` }), recordId, document, bounds)
const read = async (who: Reader, document: DocumentId, bounds: { start: number; end: number | null } | null = null) =>
  collect((await range(who, document, bounds)).bytes)

const first = await deposit(world, patient, doctor)

t.test('a list shows what the grant reaches, and its entry what was shown', async t => {
  const { documents: shown, receipt, next } = await list(doctor)
  t.same(
    shown.map(({ deposit }) => deposit),
    [first.request.deposit],
  )
  t.equal(next, null)
  const event = await eventOf(world, receipt)
  t.match(event, { action: 'document.list', object: { count: 1, ids: listHash([first.document]) } })
  t.equal(event.grant, patient.inForce.sets.grants[0])
  t.same((await list(hospital)).documents, [], 'who may deposit alone is shown nothing')
  t.equal((await list(patient)).documents.length, 1)
})

t.test('a read: the entry first, then any range of the body for the same key', async t => {
  await t.rejects(range(doctor, first.document), { code: 'read-closed' })
  const before = chainOf(world, recordId).length
  const { blocks, receipt, document } = await open(doctor, first.document)
  t.equal(chainOf(world, recordId).length, before + 1)
  t.match(await eventOf(world, receipt), { action: 'document.read', object: { document: first.document } })
  t.equal(fromBase64url(blocks).length, 32)
  t.equal(document.compartment, first.compartment)
  t.strictSame(await read(doctor, first.document), first.body)
  t.strictSame(await read(doctor, first.document, { start: 10, end: 20 }), first.body.subarray(10, 20))
  t.strictSame(await read(doctor, first.document, { start: 10, end: null }), first.body.subarray(10))
  t.equal(chainOf(world, recordId).length, before + 1, 'ranges are covered by the entry of the read')
  await t.rejects(range(doctor, first.document, { start: first.body.length, end: null }), { code: 'range-invalid' })
  await t.rejects(range(patient, first.document), { code: 'read-closed' }, 'one reader’s read is no other’s')
})

t.test('a small body comes with the answer that opens its read, never without its entry', async t => {
  const before = chainOf(world, recordId).length
  const { body } = await open(doctor, first.document)
  t.ok(body !== null && equal(body, first.body))
  t.equal(chainOf(world, recordId).length, before + 1)
  const { store } = world.vault
  await store.write(tx =>
    tx.run(`CREATE TRIGGER full BEFORE INSERT ON entries BEGIN SELECT RAISE(ABORT, 'no room'); END`),
  )
  await t.rejects(open(doctor, first.document), /no room/)
  await store.write(tx => tx.run('DROP TRIGGER full'))
  await t.rejects(open(second, first.document), { code: 'no-grant' })
})

t.test('after 15 minutes the read is over', async t => {
  world.advance(15 * 60_000)
  await t.rejects(range(doctor, first.document), { code: 'read-closed' })
  world.advance(-15 * 60_000)
})

t.test('nobody else: refused, and the patient sees the attempt', async t => {
  await t.rejects(list(second), { code: 'no-grant' })
  await t.rejects(open(second, first.document), { code: 'no-grant' })
  await t.rejects(range(second, first.document), { code: 'no-grant' })
  await t.rejects(open(hospital, first.document), { code: 'document-unknown' }, 'deposit alone does not read')
  t.same(chainOf(world, recordId).slice(-3), [
    'document.list refused no-grant',
    'document.read refused no-grant',
    'document.read refused document-unknown',
  ])
  const other = await openRecord(world, insOf('2'))
  await t.rejects(list(other), { code: 'no-grant' }, 'another patient')
  await t.rejects(open(doctor, first.document, other.caller.recordId), { code: 'no-grant' }, 'another record')
  await t.rejects(list(doctor, newId<RecordId>()), { code: 'record-unknown' })
})

t.test('a reader says that a document failed its checks', async t => {
  const ask = (who: Reader, document: DocumentId) =>
    documents.refused(
      signed(world, who as typeof doctor, { path: `${path}/${document}/refused`, body: {} }),
      recordId,
      document,
      {
        reason: 'body-block',
      },
    )
  const { receipt } = await ask(doctor, first.document)
  t.match(await eventOf(world, receipt), { action: 'document.refused', object: { reason: 'body-block' } })
  await t.rejects(ask(doctor, newId<DocumentId>()), { code: 'document-unknown' })
})

t.test('a masked document is, to its own author, one that never was', async t => {
  const hidden = await deposit(world, patient, doctor, { content: randomBytes(3_000_000) })
  t.equal((await open(doctor, hidden.document)).body, null, 'a large body is asked for')
  const started = (await range(doctor, hidden.document)).bytes[Symbol.asyncIterator]()
  t.notOk((await started.next()).done)
  await change(
    world,
    patient,
    await planPlacement(world, patient, { document: hidden.document, from: 'reports', to: 'masked' }),
  )
  await t.rejects(started.next(), { code: 'document-unknown' }, 'a body under way stops')

  const refusal = async (asked: Promise<unknown>) =>
    asked.then(
      () => null,
      ({ code, message, extra }) => ({ code, message, extra }),
    )
  const never = newId<DocumentId>()
  for (const [what, asking] of [
    ['open', open],
    ['body', range],
  ] as const) {
    t.same(await refusal(asking(doctor, hidden.document)), await refusal(asking(doctor, never)), what)
  }
  t.same(
    (await list(doctor)).documents.map(({ deposit }) => deposit),
    [first.request.deposit],
  )
  t.match(await eventOf(world, (await list(doctor)).receipt), { object: { count: 1 } })

  t.equal((await list(patient)).documents.length, 2, 'the patient sees it')
  const kept = (await open(patient, hidden.document)).document
  t.not(kept.envelope, hidden.request.envelope, 'under the new envelope; the one before is gone')
  t.equal(
    world.vault.store.read.get('SELECT 1 FROM documents WHERE envelope = @old', { old: hidden.request.envelope }),
    undefined,
  )

  await change(
    world,
    patient,
    await planPlacement(world, patient, { document: hidden.document, from: 'masked', to: 'reports' }),
  )
  t.equal((await list(doctor)).documents.length, 2, 'unmasked, it is back')
})

t.test('an expired grant and a revoked one end everything at once', async t => {
  await open(doctor, first.document)
  world.advance(31 * 86_400_000)
  await t.rejects(list(doctor), { code: 'no-grant' })
  await t.rejects(range(doctor, first.document), { code: 'no-grant' })
  world.advance(-31 * 86_400_000)
  t.equal((await list(doctor)).documents.length, 2)
  await open(doctor, first.document)
  await change(world, patient, await planRevocation(world, patient, doctor))
  await t.rejects(list(doctor), { code: 'no-grant' })
  await t.rejects(range(doctor, first.document), { code: 'no-grant' }, 'the read under way too')
})
