import { join } from 'node:path'
import t from 'tap'
import { giveGrant } from '../../src/client/patient/grants.ts'
import { chooseNotices } from '../../src/client/patient/notices.ts'
import { readTrace } from '../../src/client/patient/trace.ts'
import { openAccess } from '../../src/client/professional/access.ts'
import { depositDocument } from '../../src/client/professional/deposit.ts'
import { requestAccess } from '../../src/client/professional/request.ts'
import { randomBytes } from '../../src/crypto/bytes.ts'
import { DOCTOR } from '../../src/dev/people.ts'
import { NationalId } from '../../src/protocol/ids.ts'
import { manifestFor } from '../fixtures/document.ts'
import { startTestHost } from '../fixtures/host.ts'
import { activePatient, insOf } from '../fixtures/patient.ts'
import { connect, signedIn } from '../fixtures/professional.ts'
import { testFolder } from '../fixtures/test-folder.ts'

t.setTimeout(120_000)

// Mail is read by providers, over shoulders and on shared telephones: what a notice says, all of them know.

t.test(
  'a notice tells that something happened, and nothing of whom, what, by whom or in which kind of service',
  async t => {
    const folder = testFolder(t)
    const host = await startTestHost(join(folder, 'world'))
    t.teardown(() => host.stop())
    const mail = 'quelqu.un@exemple.invalid'
    const ins = insOf('616263')
    const patient = await activePatient(host, { folder: join(folder, 'patient'), ins, mail })
    const session = await signedIn(host, patient)
    const doctor = await connect(host, 'doctor', join(folder, 'doctor'))
    t.teardown(async () => {
      await Promise.all([session.close(), doctor.close()])
    })
    await chooseNotices(session, 'on')
    await requestAccess(doctor, ins)
    await giveGrant(session, { nationalId: NationalId.parse(DOCTOR.id) })
    const content = randomBytes(1000)
    const { documentId } = await depositDocument(doctor, {
      access: await openAccess(doctor, patient.recordId),
      compartment: 'reports',
      manifest: { ...manifestFor(content.length), title: 'Sérologie Tartempion' },
      content: () => [content],
    })
    const notices = () => host.mail.mails.map(({ text }) => decoded(text)).filter(text => /Du nouveau/.test(text))
    for (let i = 0; i < 100 && notices().length < 2; i++) await new Promise(resolve => setTimeout(resolve, 100))
    t.match(notices().join(), /réglage important/, 'the choice was told')
    t.match(notices().join(), /une activité/, 'and what followed')
    const { recordId } = patient
    const secrets = [ins, recordId, documentId, DOCTOR.id, DOCTOR.surname, DOCTOR.givenName, 'Tartempion', 'reports']
    const medical =
      /sant[ée]|m[ée]dic|patient|docteur|doctor|h[ôo]pital|hospital|soin|care|health|dossier|record|document|grant|dmp|https?:/i
    for (const text of notices()) {
      for (const secret of secrets) t.notOk(text.toLowerCase().includes(secret.toLowerCase()), secret)
      t.notMatch(text, medical)
      t.ok(text.indexOf('Connectez-vous') < text.indexOf('Sign in'), 'French, then English')
    }
    const trace = await readTrace(session)
    t.ok(trace.lines.some(({ action }) => action === 'notices.set'))
    t.same(trace.problems, [])
  },
)

/** Headers and body as a person's program shows them: quoted-printable and base64 undone. */
function decoded(text: string): string {
  const bytes = text
    .replace(/=\r\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  const body = Buffer.from(bytes, 'latin1').toString('utf8')
  const from = body.indexOf('\r\n\r\n')
  return /^content-transfer-encoding:\s*base64/im.test(text)
    ? body + Buffer.from(text.slice(from), 'base64').toString()
    : body
}
