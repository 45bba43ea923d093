import { existsSync, statSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { type RecoveryKit, recoveryKitPdf } from '../../../src/client/kit-pdf.ts'
import { activateRecord } from '../../../src/client/patient/activate.ts'
import { changeState } from '../../../src/client/patient/change.ts'
import { listDocuments, readDocument } from '../../../src/client/patient/documents.ts'
import { giveGrant, grantsInForce, revokeGrants } from '../../../src/client/patient/grants.ts'
import { PatientHome } from '../../../src/client/patient/home.ts'
import { ListMemory } from '../../../src/client/patient/listing.ts'
import { openRecord } from '../../../src/client/patient/open.ts'
import { maskDocument, unmaskDocument } from '../../../src/client/patient/placements.ts'
import { denyRequest, pendingRequests } from '../../../src/client/patient/requests.ts'
import { PatientSession } from '../../../src/client/patient/session.ts'
import { signIn } from '../../../src/client/patient/sign-in.ts'
import { readTrace } from '../../../src/client/patient/trace.ts'
import { openAccess } from '../../../src/client/professional/access.ts'
import { depositDocument } from '../../../src/client/professional/deposit.ts'
import { listDocuments as listForPro } from '../../../src/client/professional/read.ts'
import { requestAccess } from '../../../src/client/professional/request.ts'
import { spokenGroups } from '../../../src/dev/spoken-text.ts'
import type { NationalId } from '../../../src/protocol/ids.ts'
import { collect, manifestFor } from '../../fixtures/document.ts'
import { startTestHost } from '../../fixtures/host.ts'
import { activePatient, insOf, issueAt, SECRET_CODE } from '../../fixtures/patient.ts'
import { connect, signedIn } from '../../fixtures/professional.ts'
import { testFolder } from '../../fixtures/test-folder.ts'

// One host for all: a world takes seconds to make. Each test has a patient of its own.
const folder = testFolder(t)
const host = await startTestHost(join(folder, 'world'))
t.teardown(() => host.stop())

const CONTENT = new TextEncoder().encode('%PDF-1.7 compte rendu')

t.test('opening', async t => {
  const ins = insOf('101')
  const { issued } = await issueAt(host, ins, 'opening')
  const anchors = host.world.layout.anchors
  let pdf = new Uint8Array()
  const input = {
    ins,
    code: issued.code,
    anchors,
    clock: host.now,
    keepKit: async (kit: RecoveryKit) => {
      pdf = new Uint8Array(await recoveryKitPdf(kit))
    },
    askKit: async (groups: readonly number[]) => groups.map(n => spokenGroups(Buffer.from(pdf))[n - 1] ?? ''),
  }
  const home = new PatientHome(join(folder, 'opening'))

  await t.test('a kit that was not kept opens nothing, and a mistyped code neither', async t => {
    const forgotten = { ...input, home, askKit: async () => ['AAA', 'BBB'] }
    await t.rejects(openRecord(forgotten), { code: 'kit-not-kept' })
    const mistyped = issued.code.replace(/^./, first => (first === '7' ? '8' : '7'))
    await t.rejects(openRecord({ ...input, home, code: mistyped }), { code: 'code-check-symbol' })
    await t.rejects(openRecord({ ...input, home, ins: insOf('102') }), { code: 'code-unknown' }, 'another INS')
    t.equal(await home.record(), null)
  })

  await t.test('an answer that was lost is asked for again with the same opening', async t => {
    const opened = await openRecord({ ...input, home })
    t.notOk(opened.resumed)
    t.equal(await home.opening(), null, 'the account key is gone from the disk')
    await t.rejects(openRecord({ ...input, home }), { code: 'record-exists' })
  })

  await t.test('the activation letter does not open, the opening letter does not activate', async t => {
    const activation = await issueAt(host, insOf('103'), 'activation')
    const other = new PatientHome(join(folder, 'wrong-letter'))
    await t.rejects(openRecord({ ...input, home: other, ins: insOf('103'), code: activation.issued.code }), {
      code: 'registration-purpose',
    })
    const attempt = {
      home,
      code: issued.code,
      kit: spokenGroups(Buffer.from(pdf)).join('-'),
      secretCode: SECRET_CODE,
      contact: { kind: 'mail', address: 'x@exemple.invalid' } as const,
      oneTimePassword: async () => '00000000',
      clock: host.now,
    }
    await t.rejects(activateRecord(attempt), { code: 'registration-purpose' })
    const { issued: second } = await issueAt(host, ins, 'activation')
    await t.rejects(activateRecord({ ...attempt, code: second.code, secretCode: 'azertyuiop' }), {
      code: 'secret-code-weak',
    })
    await t.rejects(activateRecord({ ...attempt, code: second.code }), { code: 'code-refused' }, 'a guessed password')
    t.equal(await home.device(), null, 'no half-made device stays')
  })
})

t.test('a session', async t => {
  const patient = await activePatient(host, {
    folder: join(folder, 'session'),
    ins: insOf('201'),
    mail: 'p201@exemple.invalid',
  })
  const { home } = patient
  await t.rejects(PatientSession.resume(home, { clock: host.now }), { code: 'not-signed-in' })
  await t.rejects(
    signIn({ home, secretCode: 'canal-Violette-39', clock: host.now, oneTimePassword: async () => '' }),
    { code: 'sign-in-failed' },
    'a wrong secret code',
  )
  const session = await signedIn(host, patient)
  const file = join(home.folder, 'session.json')
  t.equal(statSync(file).mode & 0o777, 0o600)
  await session.close()

  const resumed = await PatientSession.resume(home, { clock: host.now })
  t.equal((await resumed.view()).state.payload.seq, 1)
  await resumed.end()
  await resumed.close()
  t.notOk(existsSync(file), 'signing out removes the keys')
  await t.rejects(PatientSession.resume(home, { clock: host.now }), { code: 'not-signed-in' })

  await t.test('ends after five idle minutes', async t => {
    const idle = await signedIn(host, patient)
    host.advance(5 * 60_000 + 1000)
    await t.rejects(idle.view(), { code: 'not-signed-in' })
    t.notOk(existsSync(file))
    await idle.close()
  })
})

t.test('a host that goes back is found out', async t => {
  const patient = await activePatient(host, {
    folder: join(folder, 'back'),
    ins: insOf('301'),
    mail: 'p301@exemple.invalid',
  })
  const session = await signedIn(host, patient)
  const { seen } = session
  const zero = Buffer.alloc(32).toString('base64url') as never
  // As if this client had seen more than the host now serves: what a host restored from an old copy looks like.
  await session.see({ ...seen, state: { seq: 9, hash: zero } })
  await t.rejects(session.view(), { code: 'state-rolled-back' })
  await session.see({ ...seen, state: { seq: seen.state?.seq ?? 0, hash: zero } })
  await t.rejects(session.view(), { code: 'state-forked' })
  await session.see(seen)
  const receipts = [{ entryHash: zero, integrateBy: host.now().toISOString() as never, text: 'a.b.c' }]
  await session.see({ ...seen, receipts })
  await t.rejects(readTrace(session), { code: 'receipt-not-honoured' })
  await session.see({ ...seen, documents: [{ id: Buffer.alloc(16).toString('base64url') as never, deposit: zero }] })
  await t.rejects(listDocuments(session), { code: 'document-withheld' })
  await session.close()
})

t.test('access, documents, trace', async t => {
  const patient = await activePatient(host, {
    folder: join(folder, 'access'),
    ins: insOf('401'),
    mail: 'p401@exemple.invalid',
  })
  let session = await signedIn(host, patient)
  const doctor = await connect(host, 'doctor', join(folder, 'ws-doctor'))
  const clinic = await connect(host, 'clinic', join(folder, 'ws-clinic'))
  t.teardown(async () => {
    await doctor.close()
    await clinic.close()
  })

  await requestAccess(doctor, patient.ins)
  await requestAccess(clinic, patient.ins)
  const [first, second] = await pendingRequests(session)
  if (first === undefined || second === undefined) throw new Error('two requests were made')
  const [asDoctor, asClinic] = first.profession === null ? [second, first] : [first, second]
  t.match(asClinic.acting, /Inès FERRAND/)
  const doctorId = asDoctor.key.payload.nationalId
  const clinicId = asClinic.key.payload.nationalId
  await t.rejects(
    giveGrant(session, { nationalId: clinicId }),
    { code: 'rights-missing' },
    'an establishment gets nothing by default',
  )
  const answers = { request: asDoctor.request, keyStatement: asDoctor.key.hash }
  await t.rejects(giveGrant(session, { nationalId: clinicId, answers }), { code: 'grantee-other' })
  const given = await giveGrant(session, { nationalId: doctorId, answers })
  t.equal(given.compartments.length, 8)
  await t.rejects(giveGrant(session, { nationalId: doctorId }), { code: 'grant-exists' })
  await denyRequest(session, asClinic.request)
  t.same(await pendingRequests(session), [])
  await giveGrant(session, { nationalId: clinicId, rights: new Map([['reports', ['read'] as const]]) })

  const access = await openAccess(doctor, patient.recordId)
  const { documentId } = await depositDocument(doctor, {
    access,
    compartment: 'reports',
    manifest: { ...manifestFor(CONTENT.length), kind: 'reports' },
    content: () => [CONTENT],
  } as never)

  await t.test('the patient lists and reads', async t => {
    const [listed] = await listDocuments(session)
    t.equal(listed?.document?.documentId, documentId)
    const read = await readDocument(session, documentId)
    t.same(await collect(read.content()), CONTENT)
  })

  await t.test('lists again: asked for only when something is new, and then opened only what is', async t => {
    const memory = new ListMemory()
    let asked = 0
    const counted = new Proxy(session, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name, target)
        if (name !== 'call') return typeof value === 'function' ? value.bind(target) : value
        return (request: Parameters<PatientSession['call']>[0]) => {
          if (request.path.endsWith('/documents')) asked++
          return target.call(request)
        }
      },
    })
    const first = await listDocuments(counted, { memory })
    t.equal(await listDocuments(counted, { memory }), first, 'the very same')
    t.equal(asked, 1, 'and the host was not asked')
    await maskDocument(session, documentId)
    t.match(await listDocuments(counted, { memory }), [{ masked: true, document: { documentId } }])
    await unmaskDocument(session, documentId)
    t.match(await listDocuments(counted, { memory }), [{ masked: false }])
    t.equal(asked, 3)
    t.equal((await listDocuments(session)).length, 1, 'without a memory it is asked for')
  })

  await t.test('masks and unmasks', async t => {
    t.same((await listForPro(doctor, await openAccess(doctor, patient.recordId))).documents.length, 1)
    const masked = await maskDocument(session, documentId)
    t.same([masked.from, masked.to], ['reports', 'masked'])
    await t.rejects(maskDocument(session, documentId), { code: 'already-masked' })
    t.same((await listForPro(doctor, await openAccess(doctor, patient.recordId))).documents, [], 'it never existed')
    t.same(await collect((await readDocument(session, documentId)).content()), CONTENT, 'but for the patient')
    t.equal((await unmaskDocument(session, documentId)).to, 'reports')
    await t.rejects(unmaskDocument(session, documentId), { code: 'not-masked' })
    t.same((await listForPro(doctor, await openAccess(doctor, patient.recordId))).documents.length, 1)
  })

  await t.test('a client that dies between revoking and rolling rolls at its next sign-in', async t => {
    await changeState(session, async view => {
      const [grant] = [...view.grants.values()].filter(each => each.payload.grantee.id === doctorId)
      return { action: 'grant.revoke', dropGrants: [grant?.hash as never], object: {} }
    })
    await session.close()
    const again = await signIn({
      home: patient.home,
      secretCode: SECRET_CODE,
      clock: host.now,
      oneTimePassword: () => host.mail.oneTimePassword(patient.mail),
    })
    t.equal(again.settled.rolled.length, 8)
    t.same(
      again.warnings.filter(each => !/witness/.test(each)),
      [],
    )
    session = again.session
    await t.rejects(openAccess(doctor, patient.recordId), { code: 'no-grant' })
    const still = await openAccess(clinic, patient.recordId)
    const { documents } = await listForPro(clinic, still)
    t.equal(documents.length, 1, 'who still has a grant reads on, back before the roll')
    const read = await readDocument(session, documentId)
    t.same(await collect(read.content()), CONTENT, 'and so does the patient')
  })

  await t.test('an expired grant is taken back at the next sign-in', async t => {
    const until = new Date(host.now().getTime() + 3600_000)
    await giveGrant(session, { nationalId: doctorId, until })
    host.advance(3601_000)
    await session.close()
    const again = await signIn({
      home: patient.home,
      secretCode: SECRET_CODE,
      clock: host.now,
      oneTimePassword: () => host.mail.oneTimePassword(patient.mail),
    })
    session = again.session
    t.equal(again.settled.revoked.length, 1)
    t.equal(again.settled.rolled.length, 8)
    t.same(
      grantsInForce(await session.view(), host.now()).map(({ grantee }) => grantee.id),
      [clinicId],
    )
  })

  await t.test('revokes', async t => {
    const { revoked, rolled } = await revokeGrants(session, clinicId)
    t.equal(revoked.length, 1)
    t.same(rolled, ['reports'])
    await t.rejects(revokeGrants(session, '899999999999' as NationalId), { code: 'grant-missing' })
  })

  await t.test('and the trace has it all, and holds', async t => {
    const trace = await readTrace(session)
    t.same(trace.problems, [])
    const actions = trace.lines.map(({ action }) => action)
    for (const action of [
      'record.open',
      'account.activate',
      'session.start',
      'access.request',
      'access.deny',
      'grant.give',
      'document.deposit',
      'document.list',
      'document.read',
      'document.mask',
      'document.unmask',
      'grant.revoke',
      'compartment.roll',
    ]) {
      t.ok(actions.includes(action as never), action)
    }
    t.match(
      trace.lines.find(({ who }) => /vouched for by/.test(who))?.who,
      /Inès FERRAND \(Infirmier\), vouched for by/,
    )

    await t.test('an entry that was seen and is another now is found out', async t => {
      const { seen } = session
      const path = join(patient.home.folder, 'seen.json')
      const kept = await readFile(path, 'utf8')
      const forged = { ...seen, chain: { ...seen.chain, hash: Buffer.alloc(32, 7).toString('base64url') } }
      await session.see(forged as never)
      await t.rejects(readTrace(session), { name: /Error|Refusal/ })
      await writeFile(path, kept)
      await session.see(seen)
    })
  })
  await session.close()
})
