/**
 * A host and every witness, bought for an hour, say that 72 hours have passed and let a thief's identity in. Whoever has a
 * clock of one's own counts no cosignature from the future, and believes nothing of it. (What a host can show without its
 * witnesses is the table of test/client/succession.test.ts.)
 */
import { join } from 'node:path'
import Database from 'better-sqlite3'
import t from 'tap'
import { activateRecord } from '../../src/client/patient/activate.ts'
import { giveGrant } from '../../src/client/patient/grants.ts'
import { PatientHome } from '../../src/client/patient/home.ts'
import { recoverRecord } from '../../src/client/patient/recover.ts'
import { reopenRecord } from '../../src/client/patient/reopen.ts'
import { signIn } from '../../src/client/patient/sign-in.ts'
import { openAccess } from '../../src/client/professional/access.ts'
import { Connection } from '../../src/client/professional/connection.ts'
import { requestAccess } from '../../src/client/professional/request.ts'
import { vouchFor } from '../../src/client/professional/vouch.ts'
import { RECOVERY_WAIT_MS } from '../../src/log/recovery.ts'
import type { NationalId } from '../../src/protocol/ids.ts'
import { activePatient, insOf, issueAt, SECRET_CODE } from '../fixtures/patient.ts'
import { connect, signedIn } from '../fixtures/professional.ts'
import { printing, startWitnessedHost } from '../fixtures/reopening.ts'
import { testFolder } from '../fixtures/test-folder.ts'

const folder = testFolder(t)
const host = await startWitnessedHost(join(folder, 'world'))
t.teardown(() => host.stop())
const { anchors } = host.world.layout
const ins = insOf('731')
const patient = await activePatient(host, { folder: join(folder, 'patient'), ins, mail: 'jeanne@example.invalid' })
const { recordId } = patient
const session = await signedIn(host, patient)
const doctor = await connect(host, 'doctor', join(folder, 'doctor'))
await requestAccess(doctor, ins)
await giveGrant(session, { nationalId: doctor.workstation.file.nationalId as NationalId })
await openAccess(doctor, recordId)
await session.close()

const doctorId = doctor.workstation.file.nationalId as NationalId
const { workstation } = doctor

t.test('a recovery that came in before its 72 hours is believed by nobody', async t => {
  const home = new PatientHome(join(folder, 'thief'))
  const kit = printing()
  const { issued } = await issueAt(host, ins, 'opening')
  const { fingerprint } = await reopenRecord({ home, ins, code: issued.code, anchors, clock: host.now, ...kit })
  await vouchFor(doctor, recordId, fingerprint)
  await doctor.close()
  await host.witnessed()

  // Host, witnesses and thief agree that it is three days later.
  const ahead = RECOVERY_WAIT_MS + 60_000
  host.advance(ahead)
  await host.witnessed()
  await recoverRecord({ home, kit: kit.text(), clock: host.now })
  const mail = 'thief@example.invalid'
  const oneTimePassword = () => host.mail.oneTimePassword(mail)
  const secrets = { secretCode: SECRET_CODE, oneTimePassword, clock: host.now, home }
  const activation = await issueAt(host, ins, 'activation')
  await activateRecord({
    ...secrets,
    code: activation.issued.code,
    kit: kit.text(),
    contact: { kind: 'mail', address: mail },
  })
  const { session: stolen } = await signIn(secrets)
  await giveGrant(stolen, { nationalId: doctorId })
  await stolen.close()

  // To the doctor it is today all the time. Of the checkpoints in between none is shown.
  host.advance(-ahead)
  await host.witnessed()
  const store = new Database(join(host.world.layout.host.store, 'store.sqlite'))
  store.exec('UPDATE checkpoints SET published = 0 WHERE size < (SELECT MAX(size) FROM checkpoints)')
  store.close()
  const today = await Connection.open(workstation)
  t.teardown(() => today.close())
  await t.rejects(openAccess(today, recordId), { code: /^(recovery-early|checkpoint-quorum)$/ })
  const [known] = await workstation.records()
  t.equal(known?.identity, session.patient.identity.hash, 'the identity known stays the one known')
})
