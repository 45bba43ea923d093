import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { request as httpsRequest } from 'node:https'
import { join } from 'node:path'
import t from 'tap'
import { giveGrant, revokeGrants } from '../../src/client/patient/grants.ts'
import { signIn } from '../../src/client/patient/sign-in.ts'
import { openAccess } from '../../src/client/professional/access.ts'
import { Connection } from '../../src/client/professional/connection.ts'
import { depositDocument } from '../../src/client/professional/deposit.ts'
import { requestAccess } from '../../src/client/professional/request.ts'
import { newNonce, signRequest } from '../../src/crypto/httpsig.ts'
import { DOCTOR } from '../../src/dev/people.ts'
import { formatSeen, NOTHING_SEEN } from '../../src/log/seen.ts'
import { NationalId } from '../../src/protocol/ids.ts'
import { PART_SIZE } from '../../src/protocol/messages.ts'
import { type RawAnswer, type RawRequest, send, startTestHost } from '../fixtures/host.ts'
import { activePatient, insOf, SECRET_CODE } from '../fixtures/patient.ts'
import { enrolled } from '../fixtures/practitioner.ts'
import { testFolder } from '../fixtures/test-folder.ts'

const folder = testFolder(t)
const host = await startTestHost(join(folder, 'world'))
t.teardown(() => host.stop())
const mail = 'camille.test@dev.coffre.invalid'
const patient = await activePatient(host, { folder: join(folder, 'home'), ins: insOf('4711'), mail })
const doctor = await enrolled(host, { card: host.world.layout.cards.doctor, home: join(folder, 'doctor') })
const other = await enrolled(host, { card: host.world.layout.cards.otherDoctor, home: join(folder, 'other') })
const { session } = await signIn({
  home: patient.home,
  secretCode: SECRET_CODE,
  clock: host.now,
  oneTimePassword: () => host.mail.oneTimePassword(mail),
})
const connection = await Connection.open(doctor.workstation)
t.teardown(async () => {
  await connection.close()
  await session.close()
})
await requestAccess(connection, patient.ins)
await giveGrant(session, { nationalId: NationalId.parse(DOCTOR.id) })
const access = await openAccess(connection, patient.recordId)
const record = `/v1/records/${patient.recordId}`
const asDoctor = (request: Partial<RawRequest> & { path: string }) => send(host, { ...doctor, ...request })
const problem = ({ status, json }: RawAnswer) => ({ status, code: json?.code })

const SIZE = 40 * 1024 * 1024
const content = randomBytes(SIZE)
const { documentId } = await depositDocument(connection, {
  access,
  compartment: 'imaging',
  manifest: {
    title: 'IRM',
    type: { code: '18748-4', system: 'http://loinc.org' },
    kind: 'imaging',
    mimeType: 'application/octet-stream',
    size: SIZE,
    date: '2026-11-24',
    author: { name: 'Élodie Maréchal', role: 'Médecin' },
    patientAgreed: true,
    discussedWith: true,
  },
  content: () => [new Uint8Array(content)],
})
const place = `${record}/documents/${documentId}`

t.test('ranges of a body, within an open read only', async t => {
  const closed = await asDoctor({ path: `${place}/body` })
  t.strictSame(problem(closed), { status: 403, code: 'read-closed' })
  t.equal((await asDoctor({ path: place })).status, 200)

  const whole = await asDoctor({ path: `${place}/body` })
  t.equal(whole.status, 200)
  t.equal(whole.headers['content-type'], 'application/octet-stream')
  t.equal(whole.headers['cache-control'], 'no-store')
  t.ok(whole.bytes.length >= SIZE)
  t.notOk(whole.bytes.includes(content.subarray(0, 64)), 'ciphertext')

  const part = await asDoctor({ path: `${place}/body`, headers: { range: 'bytes=1000-2999' } })
  t.equal(part.status, 206)
  t.equal(part.headers['content-range'], `bytes 1000-2999/${whole.bytes.length}`)
  t.ok(part.bytes.equals(whole.bytes.subarray(1000, 3000)))
  const tail = await asDoctor({ path: `${place}/body`, headers: { range: `bytes=${whole.bytes.length - 5}-` } })
  t.ok(tail.bytes.equals(whole.bytes.subarray(-5)))

  for (const range of ['bytes=5-2', 'bytes=-5', 'bytes=0-1,4-5', 'items=0-1', `bytes=${whole.bytes.length}-`]) {
    const answer = await asDoctor({ path: `${place}/body`, headers: { range } })
    t.strictSame(problem(answer), { status: 416, code: 'range-invalid' }, range)
  }
  host.advance(16 * 60_000)
  t.strictSame(problem(await asDoctor({ path: `${place}/body` })), { status: 403, code: 'read-closed' }, '15 minutes')
  host.advance(-16 * 60_000)
})

t.test('somebody else’s document never existed', async t => {
  const noGrant = await send(host, { ...other, path: place })
  t.strictSame(problem(noGrant), { status: 403, code: 'no-grant' })
  const missing = await asDoctor({ path: `${record}/documents/${'A'.repeat(22)}` })
  t.strictSame(problem(missing), { status: 404, code: 'document-unknown' })
})

t.test('uploads: parts of the right size, whole, and as signed', async t => {
  const compartment = access.compartments.find(({ name }) => name === 'imaging')?.id
  const start = (length: number) => asDoctor({ path: `${record}/uploads`, body: { compartment, length } })
  const started = await start(PART_SIZE + 1000)
  t.equal(started.status, 200)
  const put = (n: number | string, body: Uint8Array, more: Partial<RawRequest> = {}) =>
    asDoctor({ method: 'PUT', path: `${record}/uploads/${started.json.upload}/parts/${n}`, body, ...more })
  t.strictSame(problem(await put(1, new Uint8Array(999))), { status: 422, code: 'part-invalid' })
  t.strictSame(problem(await put(1, new Uint8Array(1001))), { status: 422, code: 'part-invalid' })
  t.strictSame(problem(await put(2, new Uint8Array(1))), { status: 422, code: 'part-invalid' })
  t.strictSame(problem(await put('01', new Uint8Array(1))), { status: 400, code: 'malformed' })
  t.strictSame(problem(await put(1, new Uint8Array(1000), { sentBody: 'x'.repeat(1000) })), {
    status: 422,
    code: 'part-invalid',
  })
  t.strictSame(problem(await put(0, new Uint8Array(PART_SIZE + 1))), { status: 413, code: 'too-large' })
  t.equal((await put(1, new Uint8Array(1000))).status, 200)
  t.equal((await put(1, new Uint8Array(1000))).status, 200, 'the same again')
  const foreign = { ...other, method: 'PUT', path: `${record}/uploads/${started.json.upload}/parts/1` }
  t.strictSame(problem(await send(host, { ...foreign, body: new Uint8Array(1000) })), {
    status: 404,
    code: 'upload-unknown',
  })
  t.strictSame(problem(await start(2 ** 40 + 1)), { status: 400, code: 'malformed' })
})

t.test('revoking ends a read that is under way', async t => {
  t.equal((await asDoctor({ path: place })).status, 200)
  const path = `${place}/body`
  const url = new URL(host.world.anchors.urls.professionals)
  const headers = { 'coffre-seen': formatSeen(NOTHING_SEEN) }
  const signed = signRequest(
    { method: 'GET', authority: url.host, path, query: '', headers, body: new Uint8Array() },
    { ...doctor.signer, created: Math.floor(host.now().getTime() / 1000), nonce: newNonce() },
  )
  const files = { cert: readFileSync(`${doctor.card}/card.pem`), key: readFileSync(`${doctor.card}/card.key.pem`) }
  const tls = { ca: host.world.anchors.serverAuthority, ...files, passphrase: '1234', agent: false }
  const { announced, received } = await new Promise<{ announced: number; received: number }>((resolve, reject) => {
    const outgoing = httpsRequest(
      { host: url.hostname, port: url.port, path, headers: { ...headers, ...signed }, ...tls },
      response => {
        const announced = Number(response.headers['content-length'])
        let received = 0
        let isPaused = false
        response.on('data', piece => {
          received += piece.length
          if (isPaused) return
          isPaused = true
          response.pause()
          revokeGrants(session, NationalId.parse(DOCTOR.id)).then(() => response.resume(), reject)
        })
        response.once('close', () => resolve({ announced, received }))
        response.on('error', () => {})
      },
    )
    outgoing.on('error', () => {})
    outgoing.end()
  })
  t.ok(announced > SIZE)
  t.ok(received < announced, `${received} of ${announced} bytes came`)
  t.strictSame(problem(await asDoctor({ path: `${place}/body` })), { status: 403, code: 'no-grant' })
})
