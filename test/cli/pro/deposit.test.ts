import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { main } from '../../../src/cli/main.ts'
import { giveGrant } from '../../../src/client/patient/grants.ts'
import type { NationalId } from '../../../src/protocol/ids.ts'
import { startTestHost } from '../../fixtures/host.ts'
import { activePatient, insOf } from '../../fixtures/patient.ts'
import { signedIn } from '../../fixtures/professional.ts'
import { testFolder } from '../../fixtures/test-folder.ts'

const folder = testFolder(t)
const host = await startTestHost(join(folder, 'world'))
t.teardown(() => host.stop())
const ins = insOf('4711')
const patient = await activePatient(host, { folder: join(folder, 'patient'), ins, mail: 'p@example.invalid' })
const session = await signedIn(host, patient)
const { layout } = host.world
const pinFile = join(folder, 'pin')
await writeFile(pinFile, '1234\n')

/** Types a command; gives exit code, what it printed, and under --json the parsed object or error. */
async function coffre(...argv: string[]) {
  const out: string[] = []
  const err: string[] = []
  const streams = { stdout: { write: (x: string) => out.push(x) }, stderr: { write: (x: string) => err.push(x) } }
  const code = await main(argv, streams)
  const text = out.join('')
  const json = argv.includes('--json') ? JSON.parse(text === '' ? err.join('') : text) : null
  return { code, out: text, err: err.join(''), json }
}

const doctor = (verb: string, ...rest: string[]) =>
  coffre('pro', verb, '--home', join(folder, 'doctor'), '--pin-file', pinFile, ...rest)
const acting = ['--acting-id', '11', '--acting-name', 'Inès FERRAND', '--acting-role', 'Infirmier']
const clinic = (verb: string, ...rest: string[]) =>
  coffre('pro', verb, '--home', join(folder, 'clinic'), '--pin-file', pinFile, ...acting, ...rest)

t.test('nothing without enrolling; the card, its PIN and the anchors are asked for by name', async t => {
  t.match(await doctor('list', '--ins', ins, '--json'), { code: 5, json: { error: { code: 'not-enrolled' } } })
  const card = ['--card', layout.cards.doctor]
  t.match(await doctor('enrol', ...card, '--json'), { code: 5, json: { error: { code: 'anchors-missing' } } })
  const wrong = join(folder, 'wrong')
  await writeFile(wrong, '9999')
  const anchors = ['--anchors', layout.anchors]
  const bad = await coffre('pro', 'enrol', '--home', join(folder, 'x'), '--pin-file', wrong, ...card, ...anchors)
  t.match(bad, { code: 2, err: /PIN does not open this card/ })
  t.match(await coffre('pro', 'enrol', '--home', join(folder, 'x'), ...card, ...anchors), {
    code: 2,
    err: /--pin-file/,
  })
  t.match(await doctor('enrol', '--card', join(folder, 'none'), ...anchors), { code: 5, err: /card-missing/ })
})

t.test('a doctor and a clinic enrol and ask', async t => {
  const done = await doctor('enrol', '--card', layout.cards.doctor, '--anchors', layout.anchors)
  t.equal(done.code, 0)
  t.match(done.out, /is enrolled: the card signed/)
  t.match((await doctor('enrol')).out, /was enrolled already/)
  t.match(await clinic('enrol', '--card', layout.cards.clinic, '--anchors', layout.anchors, '--json'), {
    code: 0,
    json: { kind: 'establishment', isNew: true },
  })
  t.match(await doctor('list', '--ins', ins, '--json'), { code: 5, json: { error: { code: 'record-unasked' } } })
  t.match(await doctor('request', '--ins', `${ins.slice(0, -1)}${ins.endsWith('0') ? 1 : 0}`), { code: 2 })
  t.match(await doctor('request', '--ins', ins, '--json'), { code: 0, json: { recordId: patient.recordId } })
  t.match(await clinic('request', '--ins', ins), { code: 0, out: /on its way to the patient/ })
  t.match(await doctor('list', '--ins', ins, '--json'), { code: 3, json: { error: { code: 'no-grant' } } })
})

t.test('they deposit, list and read', async t => {
  for (const id of ['889970042134', '1690781232']) {
    const rights = new Map([
      ['reports', ['read', 'deposit'] as const],
      ['vaccination', ['read', 'deposit'] as const],
    ])
    await giveGrant(session, { nationalId: id as NationalId, rights })
  }
  const pdf = join(folder, 'report.pdf')
  await writeFile(pdf, '%PDF-1.7 the report')
  t.match(await doctor('deposit', pdf, '--ins', ins), { code: 2, err: /title-missing/ })
  t.match(await doctor('deposit', pdf, '--ins', ins, '--title', 'x'), { code: 2, err: /type-unknown/ })
  t.match(await doctor('deposit', pdf, '--ins', ins, '--title', 'x', '--type', '0-0'), { code: 2, err: /kind-unknown/ })
  t.match(await doctor('deposit', pdf, '--ins', ins, '--title', 'x', '--kind', 'imaging'), {
    code: 2,
    err: /does into: reports, vaccination/,
  })
  t.match(await doctor('deposit', join(folder, 'none'), '--ins', ins), { code: 5, err: /file-missing/ })

  const title = 'Consultation \u001b[31mred\u202e'
  const report = await doctor('deposit', pdf, '--ins', ins, '--kind', 'reports', '--title', title, '--json')
  t.match(report, { code: 0, json: { compartment: 'reports', mimeType: 'application/pdf', type: { code: '11488-4' } } })
  const cda = new URL('../../vectors/cda/VAC_2023.01.xml', import.meta.url).pathname
  const vaccination = await clinic('deposit', cda, '--ins', ins, '--json')
  t.match(vaccination, { code: 0, json: { title: 'Historique de vaccinations', compartment: 'vaccination' } })

  const list = await doctor('list', '--ins', ins)
  t.match(list.out, /Historique de vaccinations/)
  for (const control of ['\u001b', '\u202e']) t.notOk(list.out.includes(control), 'a title does not drive the terminal')
  t.match((await doctor('list', '--record', patient.recordId, '--json')).json, {
    documents: [{ author: 'CLINIQUE DES CÈDRES', claimedAuthor: { name: 'Inès FERRAND' } }, { title }],
    refused: [],
  })

  const out = join(folder, 'out.xml')
  const { documentId } = vaccination.json
  t.match(await doctor('read', documentId, '--ins', ins, '--out', out), { code: 0, out: /every block checked/ })
  t.same(await readFile(out), await readFile(cda))
  t.match(await doctor('read', documentId, '--ins', ins, '--out', out), { code: 2, err: /--force/ })
  t.match(await doctor('read', documentId, '--ins', ins, '--out', out, '--force'), { code: 0 })
  t.match(await doctor('read', 'short', '--ins', ins), { code: 2 })
})
