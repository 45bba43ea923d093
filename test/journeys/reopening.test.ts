/**
 * A patient who lost kit and devices opens the record again: a new letter, a new identity, the treating doctor's word in
 * person, 72 hours of witnessed time, and everybody who knew the old identity checks why there is a new one.
 */
import { join } from 'node:path'
import t from 'tap'
import { activateRecord } from '../../src/client/patient/activate.ts'
import { addDevice } from '../../src/client/patient/devices.ts'
import { listDocuments } from '../../src/client/patient/documents.ts'
import { giveGrant } from '../../src/client/patient/grants.ts'
import { handOver } from '../../src/client/patient/handover.ts'
import { PatientHome } from '../../src/client/patient/home.ts'
import { readIdentities } from '../../src/client/patient/identities.ts'
import { maskDocument } from '../../src/client/patient/placements.ts'
import { recoverRecord } from '../../src/client/patient/recover.ts'
import { proposedIdentities, stopRecovery } from '../../src/client/patient/recoveries.ts'
import { reopenRecord } from '../../src/client/patient/reopen.ts'
import { signIn } from '../../src/client/patient/sign-in.ts'
import { readTrace } from '../../src/client/patient/trace.ts'
import { openAccess } from '../../src/client/professional/access.ts'
import type { Connection } from '../../src/client/professional/connection.ts'
import { Connection as Open } from '../../src/client/professional/connection.ts'
import { depositDocument } from '../../src/client/professional/deposit.ts'
import { compareInPerson } from '../../src/client/professional/identities.ts'
import { listDocuments as listAsDoctor, openRead } from '../../src/client/professional/read.ts'
import { requestAccess } from '../../src/client/professional/request.ts'
import { vouchFor } from '../../src/client/professional/vouch.ts'
import { RECOVERY_WAIT_MS } from '../../src/log/recovery.ts'
import type { NationalId } from '../../src/protocol/ids.ts'
import { collect, manifestFor } from '../fixtures/document.ts'
import { activePatient, insOf, issueAt, SECRET_CODE } from '../fixtures/patient.ts'
import { connect, signedIn } from '../fixtures/professional.ts'
import { printing, startWitnessedHost } from '../fixtures/reopening.ts'
import { testFolder } from '../fixtures/test-folder.ts'

const folder = testFolder(t)
const host = await startWitnessedHost(join(folder, 'world'))
const { witnessed } = host
const open: Connection[] = []
t.teardown(async () => {
  for (const each of open) await each.close()
  await host.stop()
})
const { layout } = host.world
const HOUR = 3600_000

const later = async (connection: Connection): Promise<Connection> => {
  const again = await Open.open(connection.workstation)
  open.push(again)
  return again
}

const ins = insOf('730')
const mail = 'jeanne@example.invalid'
const patient = await activePatient(host, { folder: join(folder, 'before'), ins, mail })
const { recordId } = patient
const session = await signedIn(host, patient)
let doctor = await connect(host, 'doctor', join(folder, 'doctor'))
open.push(doctor)
const doctorId = doctor.workstation.file.nationalId as NationalId
await requestAccess(doctor, ins)
await giveGrant(session, { nationalId: doctorId })
const content = new TextEncoder().encode('%PDF-1.7 compte rendu')
const deposit = async (compartment: string) => {
  const access = await openAccess(doctor, recordId)
  const manifest = { ...manifestFor(content.length), kind: compartment }
  const options = { access, compartment, manifest, content: () => [content] }
  return (await depositDocument(doctor, options as never)).documentId
}
const report = await deposit('reports')
const hidden = await deposit('reports')
await maskDocument(session, hidden)

t.test('a professional is warned of a new identity until it is a day old or was compared', async t => {
  const { warnings } = await openAccess(doctor, recordId)
  t.match(warnings, [/less than a day old.*pro compare/])
  await t.rejects(compareInPerson(doctor, recordId, '0000 0000 0000 0000 0000 0000'), { code: 'fingerprint-other' })
  const [identity] = await readIdentities(session)
  await compareInPerson(doctor, recordId, String(identity?.fingerprint).toLowerCase())
  t.same((await openAccess(doctor, recordId)).warnings, [])
  const other = await connect(host, 'otherDoctor', join(folder, 'other'))
  open.push(other)
  await requestAccess(other, ins)
  await giveGrant(session, { nationalId: other.workstation.file.nationalId as NationalId })
  t.equal((await openAccess(other, recordId)).warnings.length, 1)
  host.advance(25 * HOUR)
  await witnessed()
  t.same((await openAccess(await later(other), recordId)).warnings, [], 'a day later, without comparing')
  doctor = await later(doctor)
})

const home = new PatientHome(join(folder, 'after'))
const paper = printing()
let fingerprint = ''

t.test('somebody else’s new identity is stopped by a device', async t => {
  const { issued } = await issueAt(host, ins, 'opening')
  const thief = new PatientHome(join(folder, 'thief'))
  const kit = printing()
  const input = { home: thief, ins, code: issued.code, anchors: layout.anchors, clock: host.now, ...kit }
  const wrong = await reopenRecord(input)
  t.equal((await reopenRecord(input)).resumed, true, 'the same again')
  await vouchFor(doctor, recordId, wrong.fingerprint)
  const again = await signedIn(host, patient)
  const [waiting] = await proposedIdentities(again)
  t.match(waiting, { fingerprint: wrong.fingerprint, vouched: [{ by: doctorId }], stopped: false })
  await t.rejects(stopRecovery(again, 'A'.repeat(43) as never), { code: 'identity-unknown' })
  await stopRecovery(again, waiting?.identity as never)
  await t.rejects(stopRecovery(again, waiting?.identity as never), { code: 'recovery-stopped' })
  await t.rejects(vouchFor(doctor, recordId, wrong.fingerprint), { code: 'fingerprint-other' })
  await t.rejects(recoverRecord({ home: thief, kit: kit.text(), clock: host.now }), { code: 'recovery-stopped' })
  t.equal(await thief.waiting(), null, 'nothing of it is kept')
  await again.close()
})

t.test('two identities under one letter freeze it', async t => {
  const { issued } = await issueAt(host, ins, 'opening')
  const propose = (name: string) =>
    reopenRecord({
      ...{ home: new PatientHome(join(folder, name)), ins, code: issued.code },
      ...{ anchors: layout.anchors, clock: host.now, ...printing() },
    })
  const first = await propose('first')
  await t.rejects(propose('second'), { code: 'registration-frozen' })
  await t.rejects(vouchFor(doctor, recordId, first.fingerprint), { code: 'fingerprint-other' }, 'neither goes on')
})

t.test('the letter proposes, the doctor vouches in person, 72 hours pass', async t => {
  doctor = await later(doctor)
  const { issued } = await issueAt(host, ins, 'opening')
  const proposed = await reopenRecord({
    ...{ home, ins, code: issued.code, anchors: layout.anchors, clock: host.now },
    ...paper,
  })
  fingerprint = proposed.fingerprint
  t.equal(proposed.recordId, recordId)
  await t.rejects(vouchFor(doctor, recordId, '0000 0000 0000 0000 0000 0000'), { code: 'fingerprint-other' })
  await t.rejects(recoverRecord({ home, kit: paper.text(), clock: host.now }), { code: 'recovery-unknown' })
  const vouched = await vouchFor(doctor, recordId, fingerprint)
  t.ok(vouched.returned.includes('reports'))
  t.notOk(vouched.returned.includes('masked'))
  await witnessed()
  await t.rejects(recoverRecord({ home, kit: paper.text(), clock: host.now }), {
    ...{ code: 'recovery-early', status: 403 }, // the host's own word: it shows nothing before
  })
  host.advance(RECOVERY_WAIT_MS - HOUR)
  await witnessed()
  await t.rejects(recoverRecord({ home, kit: paper.text(), clock: host.now }), {
    ...{ code: 'recovery-early', status: 403 }, // the host's own word: it shows nothing before
  })
  t.equal((await openAccess(await later(doctor), recordId)).grant.payload.grantee.id, doctorId, 'as before until then')
  host.advance(HOUR)
  await witnessed()
  await t.rejects(recoverRecord({ home, kit: patient.kit, clock: host.now }), { code: 'kit-other' }, 'the lost kit')
  const recovered = await recoverRecord({ home, kit: paper.text(), clock: host.now })
  t.same(recovered.warnings, [])
  t.same(recovered.lost, 1, 'masked comes back from nobody')
  await witnessed()
  await t.rejects(openAccess(await later(doctor), recordId), { code: 'no-grant' }, 'given anew or not at all')
})

t.test('activated anew, the record is the patient’s again', async t => {
  const { issued } = await issueAt(host, ins, 'activation')
  const oneTimePassword = () => host.mail.oneTimePassword(mail)
  await activateRecord({
    ...{ home, code: issued.code, kit: paper.text(), secretCode: SECRET_CODE, clock: host.now, oneTimePassword },
    contact: { kind: 'mail', address: mail },
  })
  const { session: mine } = await signIn({ home, secretCode: SECRET_CODE, oneTimePassword, clock: host.now })
  t.equal((await readIdentities(mine)).length, 2)
  const documents = await listDocuments(mine)
  t.equal(documents.length, 2, 'nothing is missing from the list')
  const { problems } = await readTrace(mine)
  t.ok(
    problems.every(problem => /never saw/.test(problem)),
    problems.join('\n'),
  )

  doctor = await later(doctor)
  t.equal((await requestAccess(doctor, ins)).isNew, true)
  await giveGrant(mine, { nationalId: doctorId })
  const access = await openAccess(doctor, recordId)
  t.match(access.warnings, [/new identity.*recovery that.*vouched/, /less than a day/])
  const listed = await listAsDoctor(doctor, access)
  t.same(
    listed.documents.map(({ documentId }) => documentId),
    [report],
    'what is masked stays masked',
  )
  using read = await openRead(doctor, access, report)
  t.same(Buffer.from(await collect(read.content())), Buffer.from(content), 'and reads what lay there before')
  await mine.close()
})

t.test('an old device is told that it opens nothing any more, and the old identity signs nothing', async t => {
  const oneTimePassword = () => host.mail.oneTimePassword(mail)
  const old = signIn({ home: patient.home, secretCode: SECRET_CODE, oneTimePassword, clock: host.now })
  await t.rejects(old, { code: 'slot-missing' })
  await t.rejects(session.view(), { code: /^(key-unknown|not-signed-in|key-refused)$/ })
  await session.close()
})

t.test('handing over: the old identity lets the new one in at once', async t => {
  const oneTimePassword = () => host.mail.oneTimePassword(mail)
  const { session: mine } = await signIn({ home, secretCode: SECRET_CODE, oneTimePassword, clock: host.now })
  const { issued } = await issueAt(host, ins, 'opening')
  const kit = printing()
  const next = await handOver(mine, { code: issued.code, ...kit })
  t.not(next.fingerprint, fingerprint)
  await mine.close()
  await witnessed()
  const added = await addDevice({
    ...{ home, by: { kit: kit.text() }, secretCode: SECRET_CODE, oneTimePassword, clock: host.now },
  })
  const history = await readIdentities(added.session)
  t.same(
    history.map(({ warranted }) => warranted?.by ?? 'letter'),
    ['letter', 'recovery', 'handover'],
  )
  t.equal((await listDocuments(added.session)).length, 2)
  const { problems } = await readTrace(added.session)
  t.ok(
    problems.every(problem => /never saw/.test(problem)),
    problems.join('\n'),
  )
  await added.session.close()
})
