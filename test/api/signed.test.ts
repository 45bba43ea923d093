import { join } from 'node:path'
import t from 'tap'
import { newNonce } from '../../src/crypto/httpsig.ts'
import { SigningKey } from '../../src/crypto/sign.ts'
import { makeCard, makeCardAuthority } from '../../src/dev/certificates.ts'
import { DOCTOR } from '../../src/dev/people.ts'
import { formatSeen, NOTHING_SEEN } from '../../src/log/seen.ts'
import type { Hash } from '../../src/protocol/ids.ts'
import { type RawAnswer, type RawRequest, send, startTestHost } from '../fixtures/host.ts'
import { activePatient, insOf } from '../fixtures/patient.ts'
import { ACTING, enrolled } from '../fixtures/practitioner.ts'
import { testFolder } from '../fixtures/test-folder.ts'

const folder = testFolder(t)
const host = await startTestHost(join(folder, 'world'))
t.teardown(() => host.stop())
const { cards } = host.world.layout
const mail = 'camille.test@dev.coffre.invalid'
const patient = await activePatient(host, { folder: join(folder, 'home'), ins: insOf('4711'), mail })
const doctor = await enrolled(host, { card: cards.doctor, home: join(folder, 'doctor') })
const other = await enrolled(host, { card: cards.otherDoctor, home: join(folder, 'other') })
const clinic = await enrolled(host, { card: cards.clinic, home: join(folder, 'clinic'), acting: ACTING })

/** A request that makes an entry: asking for access. */
const asking: RawRequest = { path: '/v1/access-requests', body: { ins: patient.ins }, ...doctor }
const problem = ({ status, json }: RawAnswer) => ({ status, code: json?.code })
const refusal = async (request: Partial<RawRequest>) => problem(await send(host, { ...asking, ...request }))

t.test('a good request, and the same once more', async t => {
  const nonce = newNonce()
  const first = await send(host, { ...asking, nonce })
  t.equal(first.status, 200)
  t.equal(first.json.recordId, patient.recordId)
  t.equal(first.headers['cache-control'], 'no-store')
  t.strictSame(await refusal({ nonce }), { status: 409, code: 'nonce-replayed' })
})

t.test('unsigned, altered, misdirected', async t => {
  const { signer: _, ...unsigned } = asking
  t.strictSame(problem(await send(host, unsigned)), { status: 401, code: 'request-unsigned' })
  t.strictSame(await refusal({ sentBody: JSON.stringify({ ins: insOf('12') }) }), {
    status: 401,
    code: 'signature-invalid',
  })
  t.strictSame(await refusal({ authority: 'other.example' }), { status: 401, code: 'signature-invalid' })
  const key = SigningKey.generate()
  t.strictSame(await refusal({ signer: { ...doctor.signer, key } }), { status: 401, code: 'signature-invalid' })
  t.strictSame(await refusal({ signer: { key, keyId: `key:${'A'.repeat(43)}` } }), { status: 401, code: 'key-unknown' })
  t.strictSame(await refusal({ signer: { key, keyId: 'elsewhere' } }), { status: 401, code: 'key-unknown' })
  const twice = { ...asking.headers, 'coffre-seen': ['tree=0:x', 'tree=0:y'] as unknown as string }
  t.strictSame(problem(await send(host, { ...unsigned, headers: { ...twice, signature: 'coffre=::' } })), {
    status: 400,
    code: 'malformed',
  })
})

t.test('the clock: 120 seconds either way, and the answer tells the host’s', async t => {
  const seconds = () => Math.floor(host.now().getTime() / 1000)
  t.equal((await send(host, { ...asking, created: seconds() - 115 })).status, 200)
  t.equal((await send(host, { ...asking, created: seconds() + 115 })).status, 200)
  for (const off of [-125, 125]) {
    const answer = await send(host, { ...asking, created: seconds() + off })
    t.strictSame(problem(answer), { status: 401, code: 'clock-skew' })
    t.ok(Math.abs(Date.parse(answer.json.hostTime) - host.now().getTime()) < 5000)
  }
})

t.test('a working key needs the card it belongs to, and its own listener', async t => {
  t.strictSame(await refusal({ card: cards.otherDoctor }), { status: 403, code: 'certificate-refused' })
  t.strictSame(await refusal({ card: cards.clinic }), { status: 403, code: 'certificate-refused' })
  const { card: _, ...onPatients } = asking
  t.strictSame(problem(await send(host, { ...onPatients, listener: 'patients' })), {
    status: 404,
    code: 'no-such-route',
  })
  const state = { path: `/v1/records/${patient.recordId}/state`, listener: 'patients' } as const
  t.strictSame(problem(await send(host, { ...state, signer: doctor.signer })), { status: 403, code: 'key-refused' })
})

t.test('cards that are expired, revoked or of another authority', async t => {
  const authority = await makeCardAuthority('persons', { at: host.now(), rootKey: 'rsa-2048' })
  const stranger = await makeCard(authority, DOCTOR, { at: host.now() })
  const card = testFolder(t, { 'card.pem': stranger.chainPem, 'card.key.pem': stranger.keyPem })
  await t.rejects(send(host, { ...asking, card }), 'TLS refuses another authority’s')

  // The deployment's clock, not the platform's, decides on dates: four days later a list of one week still holds,
  // eight days later it is stale.
  host.advance(8 * 24 * 3600_000)
  const stale = await send(host, { ...asking, headers: { 'accept-language': 'en' } })
  t.strictSame(problem(stale), { status: 403, code: 'certificate-refused' })
  t.match(stale.json.detail, /revocation list/)
  host.advance(-8 * 24 * 3600_000)
  t.equal((await send(host, asking)).status, 200)
})

t.test('the acting person: required of establishments, refused from others', async t => {
  const asClinic: RawRequest = { path: '/v1/access-requests', body: { ins: patient.ins }, ...clinic }
  t.equal((await send(host, { ...asClinic, acting: ACTING })).status, 200)
  t.strictSame(problem(await send(host, asClinic)), { status: 400, code: 'malformed' })
  const { role: _, ...incomplete } = ACTING
  t.strictSame(problem(await send(host, { ...asClinic, acting: incomplete })), { status: 400, code: 'malformed' })
  t.strictSame(await refusal({ acting: ACTING }), { status: 400, code: 'malformed' })
})

t.test('history that the host does not have', async t => {
  const root = 'A'.repeat(43) as Hash
  const seen = formatSeen({ tree: { size: 3, root } })
  t.strictSame(await refusal({ headers: { 'coffre-seen': seen } }), { status: 409, code: 'history-missing' })
  t.strictSame(await refusal({ headers: { 'coffre-seen': 'everything' } }), { status: 400, code: 'malformed' })
  const lost = formatSeen({ ...NOTHING_SEEN, receipt: root })
  t.strictSame(await refusal({ headers: { 'coffre-seen': lost } }), { status: 409, code: 'history-missing' })
})

t.test('malformed and oversized', async t => {
  t.strictSame(await refusal({ body: { ins: patient.ins, more: true } }), { status: 400, code: 'malformed' })
  t.strictSame(await refusal({ body: '{"ins":' }), { status: 400, code: 'malformed' })
  t.strictSame(await refusal({ body: new Uint8Array([0xff, 0xfe]) }), { status: 400, code: 'malformed' })
  t.strictSame(await refusal({ body: { ins: 'x'.repeat(70_000) } }), { status: 413, code: 'too-large' })
  t.strictSame(await refusal({ path: '/v1/access-requests?a=1&a=2' }), { status: 400, code: 'malformed' })
  const list = { ...asking, method: 'GET', body: '', path: `/v1/records/${patient.recordId}/documents` }
  t.strictSame(problem(await send(host, { ...list, path: `${list.path}?after=-1` })), {
    status: 400,
    code: 'malformed',
  })
  t.strictSame(problem(await send(host, { ...list, path: `${list.path}?after=1&after=2` })), {
    status: 400,
    code: 'malformed',
  })
  t.strictSame(problem(await send(host, { ...list, path: '/v1/records/short/documents' })), {
    status: 400,
    code: 'malformed',
  })
  const answer = await send(host, { ...asking, body: { ins: 'not an INS 1234' } })
  t.notOk(answer.bytes.toString().includes('1234'), 'a refusal does not repeat what was sent')
})

t.test('a professional without a grant: refused, and logged', async t => {
  const list = { ...other, method: 'GET', path: `/v1/records/${patient.recordId}/documents` }
  t.strictSame(problem(await send(host, list)), { status: 403, code: 'no-grant' })
  const unknown = `/v1/records/${'A'.repeat(22)}/documents`
  t.equal((await send(host, { ...other, method: 'GET', path: unknown })).status >= 400, true)
})

t.test('what is signed by the statement in its body', async t => {
  const body = { statement: other.statement }
  const publish = { path: '/v1/keys', listener: 'professionals', body } as const
  t.strictSame(problem(await send(host, { ...publish, card: doctor.card, signer: other.signer })), {
    status: 403,
    code: 'certificate-refused',
  })
  t.strictSame(problem(await send(host, { ...publish, card: doctor.card, signer: doctor.signer })), {
    status: 401,
    code: 'signature-invalid',
  })
  t.strictSame(
    problem(await send(host, { ...publish, card: doctor.card, signer: other.signer, body: { statement: 'a.b.c' } })),
    {
      status: 400,
      code: 'malformed',
    },
  )
})

t.test('no line of the operator’s log names anybody', async t => {
  const lines = host.lines.join('\n')
  t.match(lines, /"route":"\/v1\/access-requests"/)
  for (const secret of [
    patient.ins,
    patient.recordId,
    mail,
    DOCTOR.id,
    DOCTOR.surname,
    doctor.keyStatement,
    ACTING.name,
  ]) {
    t.notOk(lines.includes(secret))
  }
})
