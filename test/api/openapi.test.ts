import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Validator } from '@seriousme/openapi-schema-validator'
import t from 'tap'
import type { ApiDescription } from '../../src/api/openapi.ts'
import { listDocuments, readDocument } from '../../src/client/patient/documents.ts'
import { giveGrant } from '../../src/client/patient/grants.ts'
import { chooseNotices } from '../../src/client/patient/notices.ts'
import { maskDocument } from '../../src/client/patient/placements.ts'
import { denyRequest, pendingRequests } from '../../src/client/patient/requests.ts'
import { readTrace } from '../../src/client/patient/trace.ts'
import { openAccess } from '../../src/client/professional/access.ts'
import { depositDocument } from '../../src/client/professional/deposit.ts'
import { listDocuments as listForProfessional, openRead } from '../../src/client/professional/read.ts'
import { requestAccess } from '../../src/client/professional/request.ts'
import { PROBLEM_CODES } from '../../src/protocol/problems.ts'
import { DescribedApi, type Exchange, recordExchanges } from '../fixtures/described.ts'
import { collect, manifestFor, newId } from '../fixtures/document.ts'
import { send, startTestHost } from '../fixtures/host.ts'
import { activePatient, insOf } from '../fixtures/patient.ts'
import { connect, signedIn } from '../fixtures/professional.ts'
import { testFolder } from '../fixtures/test-folder.ts'

const folder = testFolder(t)
const host = await startTestHost(join(folder, 'world'))
t.teardown(() => host.stop())
const { cards } = host.world.layout
const served = await send(host, { path: '/v1/openapi.json' })
const description = served.json as ApiDescription
const api = new DescribedApi(description)

t.test('a valid OpenAPI 3.1 document, the same on both listeners, with every problem', async t => {
  t.equal(served.headers['content-type'], 'application/json; charset=utf-8')
  const verdict = await new Validator().validate(JSON.parse(served.bytes.toString()))
  t.ok(verdict.valid, JSON.stringify(verdict.errors))
  const other = await send(host, { path: '/v1/openapi.json', listener: 'professionals', card: cards.doctor })
  t.ok(other.bytes.equals(served.bytes))
  const { examples, responses, schemas } = description.components
  t.strictSame(Object.keys(examples), [...PROBLEM_CODES])
  const refused = responses.Refused?.content as { 'application/problem+json': { examples: object } }
  t.strictSame(Object.keys(refused['application/problem+json'].examples), [...PROBLEM_CODES])
  t.match(schemas.Problem, { properties: { code: { enum: [...PROBLEM_CODES] } } })
})

t.test('the page: everything in it, nothing fetched, no script', async t => {
  const page = await send(host, { path: '/v1/openapi.html' })
  const html = page.bytes.toString()
  t.match(page.headers['content-security-policy'], /^default-src 'none'; style-src 'sha256-[^']+'; base-uri 'none'/)
  t.notMatch(html, /<script|<link|<img|https?:\/\/(?!127\.0\.0\.1)|url\(|@import/)
  for (const path of Object.keys(description.paths)) t.ok(html.includes(path), path)
  for (const name of Object.keys(description.components.schemas)) t.ok(html.includes(`id="${name}"`), name)
  for (const each of PROBLEM_CODES) t.ok(html.includes(`<code>${each}</code>`), each)
})

t.test('every request the SDK makes in a journey, and every answer it gets, is as described', async t => {
  const exchanges = recordExchanges(Object.values(host.world.anchors.urls))
  const patient = await activePatient(host, {
    folder: join(folder, 'patient'),
    ins: insOf('7'),
    mail: 'p@test.invalid',
  })
  const session = await signedIn(host, patient)
  const doctor = await connect(host, 'doctor', join(folder, 'doctor'))
  const clinic = await connect(host, 'clinic', join(folder, 'clinic'))
  t.teardown(() => Promise.all([doctor.close(), clinic.close(), session.close()]))
  const { recordId, ins } = patient
  await requestAccess(doctor, ins)
  await requestAccess(clinic, ins)
  for (const { request, key } of await pendingRequests(session)) {
    const { nationalId } = key.payload
    if (nationalId === doctor.workstation.file.nationalId) await giveGrant(session, { nationalId })
    else await denyRequest(session, request)
  }
  await t.rejects(openAccess(clinic, recordId), { code: 'no-grant' })
  const access = await openAccess(doctor, recordId)
  const content = new Uint8Array(5000).fill(7)
  const manifest = manifestFor(content.length)
  const deposited = await depositDocument(doctor, {
    access,
    compartment: 'imaging',
    manifest,
    content: () => [content],
  })
  await listForProfessional(doctor, access)
  await collect((await openRead(doctor, access, deposited.documentId)).content())
  await listDocuments(session)
  await collect((await readDocument(session, deposited.documentId)).content())
  await maskDocument(session, deposited.documentId)
  await t.rejects(openRead(doctor, access, deposited.documentId), { code: 'document-unknown' })
  await t.rejects(openRead(doctor, access, newId()), { code: 'document-unknown' })
  await chooseNotices(session, 'off')
  await readTrace(session)

  const seen = new Map<string, string[]>()
  for (const exchange of exchanges) {
    const { operation, faults } = api.check(exchange)
    seen.set(operation, [...(seen.get(operation) ?? []), ...faults])
  }
  for (const [operation, faults] of seen) t.strictSame(faults, [], operation)
  t.ok(seen.size >= 25, `${seen.size} routes used`)
})

t.test('the examples for curl in the documents do what they say', async t => {
  const pages = ['docs', 'docs/protocol'].flatMap(place => {
    const at = join(import.meta.dirname, '../..', place)
    return readdirSync(at).flatMap(name => (name.endsWith('.md') ? [readFileSync(join(at, name), 'utf8')] : []))
  })
  const lines = pages.flatMap(page => page.match(/^curl .+$/gm) ?? [])
  t.ok(lines.length >= 4, `${lines.length} examples`)
  for (const line of lines) {
    const [, target = ''] = /https:\/\/127\.0\.0\.1:8443(\/\S*?)'?$/.exec(line) ?? []
    const [, json] = /--json '([^']*)'/.exec(line) ?? []
    const body = Buffer.from(json ?? '')
    const path = target.replace('tile/0/000.p/1', 'tile/0/000')
    const method = json === undefined ? 'GET' : 'POST'
    const { status, headers, bytes } = await send(host, { path, method, body })
    const contentType = String(headers['content-type'])
    const exchange: Exchange = { method, target, body, status, contentType, answer: bytes }
    t.strictSame(api.check(exchange).faults, [], line)
  }
})
