import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import t from 'tap'
import { saveContent } from '../../../src/client/document/save.ts'
import { verifyIdentityHistory } from '../../../src/client/identity-history.ts'
import { giveGrant, revokeGrants } from '../../../src/client/patient/grants.ts'
import { readIdentities } from '../../../src/client/patient/identities.ts'
import { pendingRequests } from '../../../src/client/patient/requests.ts'
import { openAccess } from '../../../src/client/professional/access.ts'
import { Connection } from '../../../src/client/professional/connection.ts'
import { depositDocument } from '../../../src/client/professional/deposit.ts'
import { enrol } from '../../../src/client/professional/enrol.ts'
import { readIdentities as identitiesFor } from '../../../src/client/professional/identities.ts'
import { listDocuments, openRead } from '../../../src/client/professional/read.ts'
import { requestAccess } from '../../../src/client/professional/request.ts'
import { randomBytes, toBase64url } from '../../../src/crypto/bytes.ts'
import type { Hash, NationalId } from '../../../src/protocol/ids.ts'
import { IdentityVersions } from '../../../src/protocol/succession.ts'
import { collect, inPieces, manifestFor, newId } from '../../fixtures/document.ts'
import { startTestHost } from '../../fixtures/host.ts'
import { activePatient, insOf } from '../../fixtures/patient.ts'
import { connect, makeWorkstation, nurse, signedIn } from '../../fixtures/professional.ts'
import { testFolder } from '../../fixtures/test-folder.ts'

// One host and one patient for all: each test goes on where the one before stopped.
const folder = testFolder(t)
const host = await startTestHost(join(folder, 'world'))
const ins = insOf('77')
const patient = await activePatient(host, { folder: join(folder, 'patient'), ins, mail: 'p@example.invalid' })
const { recordId } = patient
const session = await signedIn(host, patient)
const doctor = await connect(host, 'doctor', join(folder, 'doctor'))
const clinic = await connect(host, 'clinic', join(folder, 'clinic'))
const store = () => new Database(join(host.world.layout.host.store, 'store.sqlite'))
t.teardown(async () => {
  await Promise.all([doctor.close(), clinic.close()])
  await host.stop()
})

const grantAll = async (connection: Connection, rights?: ReadonlyMap<string, readonly ('read' | 'deposit')[]>) => {
  const nationalId = connection.workstation.file.nationalId
  await giveGrant(session, { nationalId, ...(rights === undefined ? {} : { rights }) })
}
const imaging = new Map([['imaging', ['read', 'deposit'] as const]])
const deposit = async (connection: Connection, content: Uint8Array, title = 'Scanner') => {
  const access = await openAccess(connection, recordId)
  const manifest = { ...manifestFor(content.length), title }
  return depositDocument(connection, {
    access,
    compartment: 'imaging',
    manifest,
    content: () => inPieces(content, 500_000),
  })
}

t.test('enrolling again changes nothing; renewing follows the key before', async t => {
  const { workstation, keys } = doctor
  t.match(await enrol(workstation), { isNew: false, keyStatement: keys.keyStatement })
  const renewed = await enrol(await makeWorkstation(host, 'otherDoctor', join(folder, 'other')))
  t.ok(renewed.isNew)
  const again = await enrol(await makeWorkstation(host, 'otherDoctor', join(folder, 'other')), { renew: true })
  t.not(again.keyStatement, renewed.keyStatement)
  const newest = await (await makeWorkstation(host, 'otherDoctor', join(folder, 'other'))).workingKeys()
  const payload = JSON.parse(Buffer.from(newest.statement.split('.')[1] as string, 'base64url').toString())
  t.match(payload, { seq: 1, prev: renewed.keyStatement })
})

t.test('an establishment names who acts', async t => {
  await t.rejects(Connection.open(clinic.workstation), { code: 'acting-missing' })
})

t.test('without a request, a record is unknown here; without a grant, out of reach', async t => {
  await t.rejects(openAccess(doctor, recordId), { code: 'record-unasked' })
  await t.rejects(requestAccess(doctor, insOf('78')), { code: 'record-unknown' })
  const asked = await requestAccess(doctor, ins)
  t.equal(asked.recordId, recordId)
  t.match(asked.fingerprint, /^([0-9A-Z]{4} ){5}[0-9A-Z]{4}$/)
  await requestAccess(clinic, ins)
  t.equal((await pendingRequests(session)).length, 2)
  await t.rejects(openAccess(doctor, recordId), { code: 'no-grant' })
})

t.test('a grant opens what it says and no more', async t => {
  await grantAll(doctor)
  await grantAll(clinic, new Map([['vaccination', ['deposit'] as const]]))
  const access = await openAccess(doctor, recordId)
  t.equal(access.compartments.length, 8)
  t.ok(access.compartments.every(({ secret, name }) => secret !== null && name !== 'masked'))
  const [only] = (await openAccess(clinic, recordId)).compartments
  t.match(only, { name: 'vaccination', rights: ['deposit'], secret: null })
  await t.rejects(deposit(clinic, randomBytes(10)), { code: 'compartment-unknown' })
})

t.test('every identity the record ever had, to its patient and to who has a grant', async t => {
  const { fingerprint } = await requestAccess(doctor, ins)
  const history = await identitiesFor(doctor, recordId)
  t.same(
    history.map(each => [each.identity.hash, each.fingerprint, each.isLogged]),
    [[session.patient.identity.hash, fingerprint, true]],
  )
  t.same(
    (await readIdentities(session)).map(({ identity }) => identity.hash),
    history.map(({ identity }) => identity.hash),
  )
  const other = await asOther()
  await requestAccess(other, ins)
  await t.rejects(identitiesFor(other, recordId), { code: 'no-grant' })
  await t.rejects(identitiesFor(doctor, newId()), { code: 'record-unasked' })

  const served = await doctor.host.call({
    ...doctor.signing,
    method: 'GET',
    path: `/v1/records/${recordId}/identities`,
    answer: IdentityVersions,
  })
  const [version] = served.versions as [IdentityVersions['versions'][number]]
  const known = { recordId, ins, identity: session.patient.identity.hash }
  const { trust, clock } = doctor.workstation
  const place = { trust, clock, log: doctor.log }
  const verify = (versions: IdentityVersions['versions'], who = known) =>
    verifyIdentityHistory({ versions }, who, place)
  t.equal((await verify([version])).length, 1)
  await t.rejects(verify([]), { code: 'identity-versions' }, 'none')
  await t.rejects(verify([version, version]), { code: 'identity-versions' }, 'twice')
  await t.rejects(verify([version], { ...known, identity: 'A'.repeat(43) as Hash }), { code: 'identity-versions' })
  await t.rejects(verify([version], { ...known, recordId: newId() }), { code: 'identity-versions' }, 'another record')
  await t.rejects(verify([version], { ...known, ins: insOf('78') }), { code: 'registration-subject' }, 'another person')
  const moved = { ...version, leaf: version.leaf === 0 ? 1 : 0 }
  await t.rejects(verify([moved]), { code: 'inclusion-proof' }, 'an entry that stands elsewhere')
})

t.test('what is deposited is listed and read back, in parts and across epochs', async t => {
  const small = randomBytes(5000)
  const large = randomBytes(9 * 1024 * 1024)
  const first = await deposit(doctor, small, 'small')
  await grantAll(await asOther())
  await revokeGrants(session, '889970051275' as NationalId) // rolls what that grant could read
  const second = await deposit(doctor, large, 'large')
  t.same([first.epoch, second.epoch], [0, 1])
  const access = await openAccess(doctor, recordId)
  const { documents, refused } = await listDocuments(doctor, access)
  t.same(
    documents.map(({ manifest }) => manifest.title),
    ['small', 'large'],
  )
  t.same(refused, [])
  for (const [each, content] of [
    [first, small],
    [second, large],
  ] as const) {
    using read = await openRead(doctor, access, each.documentId)
    t.ok(Buffer.compare(await collect(read.content()), content) === 0)
    const [start, end] = [content.length - 4000, content.length - 10]
    t.ok(Buffer.compare(await collect(read.range({ start, end })), content.subarray(start, end)) === 0, 'a range alone')
    const signal = AbortSignal.abort(new Error('closed'))
    await t.rejects(collect(read.content(undefined, { signal })), { message: 'closed' })
  }
  await t.rejects(openRead(doctor, access, newId()), { code: 'document-unknown' })
})

t.test('a small document comes with the answer that opens its read, a large one is asked for', async t => {
  const access = await openAccess(doctor, recordId)
  const { documents } = await listDocuments(doctor, access)
  const opened = (title: string) => {
    const listed = documents.find(({ manifest }) => manifest.title === title)
    return openRead(doctor, access, listed?.documentId ?? newId())
  }
  using small = await opened('small')
  using large = await opened('large')
  // Nothing of a body is served from here on.
  const database = store()
  database.exec('DELETE FROM reads')
  database.close()
  t.equal((await collect(small.content())).length, 5000)
  t.equal((await collect(small.range({ start: 10, end: 20 }))).length, 10)
  await t.rejects(collect(large.content()), { code: 'read-closed' })
})

t.test('a roll during a deposit: sealed again for the new epoch, the body sent once', async t => {
  const access = await openAccess(doctor, recordId)
  const other = await asOther()
  await grantAll(other, imaging)
  await revokeGrants(session, other.workstation.file.nationalId)
  const done = await depositDocument(doctor, {
    access, // as it was before the roll
    compartment: 'imaging',
    manifest: manifestFor(100),
    content: () => [randomBytes(100)],
  })
  t.equal(done.epoch, (access.compartments.find(({ name }) => name === 'imaging')?.epoch ?? 0) + 1)
})

t.test(
  'a host that alters what it stores: refused, evidence kept, told to the log; the others stay readable',
  async t => {
    const access = await openAccess(doctor, recordId)
    const { documentId } = await deposit(doctor, randomBytes(2_000_000), 'to be altered')
    const database = store()
    t.teardown(() => database.close())
    const row = database.prepare('SELECT envelope, body FROM documents WHERE document = ?').get(documentId) as {
      envelope: string
      body: string
    }
    const other = database.prepare('SELECT envelope FROM documents WHERE document <> ?').get(documentId) as typeof row
    const setEnvelope = database.prepare('UPDATE documents SET envelope = ? WHERE document = ?')

    setEnvelope.run(other.envelope, documentId)
    const { documents, refused } = await listDocuments(doctor, access)
    t.equal(documents.length, 3)
    t.match(refused, [{ documentId, reason: 'envelope-hash' }])
    t.match(JSON.parse(await readFile(refused[0]?.evidence as string, 'utf8')), { reason: 'envelope-hash', documentId })
    await t.rejects(openRead(doctor, access, documentId), { code: 'envelope-hash' })
    setEnvelope.run(row.envelope, documentId)

    const path = join(host.world.layout.host.store, 'bodies', row.body.slice(0, 2), row.body)
    const body = await readFile(path)
    body[1_500_000] = (body[1_500_000] ?? 0) ^ 1
    await writeFile(path, body)
    const read = await openRead(doctor, access, documentId)
    const out = join(testFolder(t), 'out')
    await t.rejects(saveContent(read.content(), out), { code: 'body-block' })
    await t.rejects(readFile(out), { code: 'ENOENT' })
    const events = database.prepare("SELECT event FROM entries WHERE event LIKE '%document.refused%'").all()
    t.same(
      events.map(each => (JSON.parse((each as { event: string }).event) as { object: object }).object),
      ['envelope-hash', 'envelope-hash', 'body-block'].map(reason => ({ document: documentId, reason })),
    )
  },
)

t.test('a small body that a host altered is never opened, though it comes with the answer', async t => {
  const { documentId } = await deposit(doctor, randomBytes(3000), 'small, to be altered')
  const other = await deposit(doctor, randomBytes(3000), 'of the same length')
  const access = await openAccess(doctor, recordId)
  const database = store()
  t.teardown(() => database.close())
  const bodyOf = database
    .prepare('SELECT bytes FROM small_bodies JOIN documents ON body = root WHERE document = ?')
    .pluck()
  const setBody = database.prepare(
    'UPDATE small_bodies SET bytes = ? WHERE root = (SELECT body FROM documents WHERE document = ?)',
  )
  const body = bodyOf.get(documentId) as Buffer
  const altered = Buffer.from(body)
  altered[2000] = (altered[2000] ?? 0) ^ 1
  for (const [what, served] of [
    ['a bit', altered],
    ['the body of another', bodyOf.get(other.documentId)],
  ] as const) {
    setBody.run(served, documentId)
    using read = await openRead(doctor, access, documentId)
    await t.rejects(collect(read.content()), { code: 'body-block' }, what)
    await t.rejects(collect(read.range({ start: 0, end: 10 })), { code: 'body-block' }, `${what}, by range`)
  }
  setBody.run(body, documentId)
  using read = await openRead(doctor, access, documentId)
  t.equal((await collect(read.content())).length, 3000)
})

t.test('a state older than one seen, or another patient’s identity, is refused', async t => {
  const { workstation } = doctor
  const [known] = await workstation.records()
  if (known?.state == null) throw new Error('no state was kept')
  await workstation.keepRecord({ ...known, state: { ...known.state, seq: known.state.seq + 1 } })
  await t.rejects(openAccess(doctor, recordId), { code: 'state-rolled-back' })
  await workstation.keepRecord({ ...known, state: { ...known.state, hash: toBase64url(randomBytes(32)) as Hash } })
  await t.rejects(openAccess(doctor, recordId), { code: 'state-forked' })
  await workstation.keepRecord({ ...known, identity: toBase64url(randomBytes(32)) as Hash })
  await t.rejects(openAccess(doctor, recordId), { code: 'identity-changed' })
  await t.rejects(requestAccess(doctor, ins), { code: 'identity-changed' })
  await workstation.keepRecord(known)
  t.ok(await openAccess(doctor, recordId))
})

t.test('a log that is not the one seen before is refused', async t => {
  const { workstation } = clinic
  const { tree } = await workstation.seen()
  await workstation.keepSeen({ tree: { ...tree, root: toBase64url(randomBytes(32)) as Hash } })
  await t.rejects(Connection.open(workstation, { acting: nurse(host) }), { code: 'tree-forked' })
  await workstation.keepSeen({ tree: { size: tree.size + 10_000, root: tree.root } })
  await t.rejects(Connection.open(workstation, { acting: nurse(host) }), { code: 'tree-rolled-back' })
  await workstation.keepSeen({ tree })
})

t.test('a revoked doctor is refused at once', async t => {
  await revokeGrants(session, doctor.workstation.file.nationalId)
  await t.rejects(openAccess(doctor, recordId), { code: 'no-grant' })
})

/** The other doctor, connected anew. */
async function asOther(): Promise<Connection> {
  const workstation = await makeWorkstation(host, 'otherDoctor', join(folder, 'other'))
  const connection = await Connection.open(workstation)
  t.teardown(() => connection.close())
  return connection
}
