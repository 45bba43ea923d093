/** A host whose HTTP is answered by two threads: everything is as with one, and no thread knows what another would not. */
import { Agent } from 'node:https'
import { join } from 'node:path'
import t from 'tap'
import { readDocument } from '../../../src/client/patient/documents.ts'
import { giveGrant, revokeGrants } from '../../../src/client/patient/grants.ts'
import { readTrace } from '../../../src/client/patient/trace.ts'
import { openAccess } from '../../../src/client/professional/access.ts'
import { depositDocument } from '../../../src/client/professional/deposit.ts'
import { requestAccess } from '../../../src/client/professional/request.ts'
import { equal, randomBytes } from '../../../src/crypto/bytes.ts'
import { newNonce } from '../../../src/crypto/httpsig.ts'
import { DOCTOR } from '../../../src/dev/people.ts'
import { NationalId } from '../../../src/protocol/ids.ts'
import { collect, manifestFor } from '../../fixtures/document.ts'
import { type RawRequest, send, startTestHost } from '../../fixtures/host.ts'
import { activePatient, insOf } from '../../fixtures/patient.ts'
import { connect, signedIn } from '../../fixtures/professional.ts'
import { testFolder } from '../../fixtures/test-folder.ts'

const folder = testFolder(t)
const host = await startTestHost(join(folder, 'world'), { workers: 2 })
t.teardown(() => host.stop())
const patient = await activePatient(host, { folder: join(folder, 'p'), ins: insOf('5'), mail: 'p@test.invalid' })
const session = await signedIn(host, patient)
const doctor = await connect(host, 'doctor', join(folder, 'd'))
t.teardown(() => Promise.all([doctor.close(), session.close()]))
const signer = { keyId: `key:${doctor.keys.keyStatement}`, key: doctor.keys.signKey }
const card = host.world.layout.cards.doctor
const asDoctor = { listener: 'professionals', signer, card } as const

/** Sends it over so many connections that both threads get some: the system shares them out. */
async function everywhere(request: () => RawRequest): Promise<{ status: number; code: string | undefined }[]> {
  const answers = await Promise.all(
    Array.from({ length: 24 }, () => send(host, { ...request(), agent: new Agent({ maxSockets: 1 }) })),
  )
  return answers.map(({ status, json }) => ({ status, code: json?.code }))
}

t.test('a body of several parts goes in and comes out', async t => {
  await requestAccess(doctor, patient.ins)
  await giveGrant(session, { nationalId: NationalId.parse(DOCTOR.id) })
  const access = await openAccess(doctor, patient.recordId)
  const content = randomBytes(9 * 1024 * 1024)
  const manifest = manifestFor(content.length)
  const { documentId } = await depositDocument(doctor, {
    access,
    compartment: 'imaging',
    manifest,
    content: () => [content],
  })
  t.ok(equal(await collect((await readDocument(session, documentId)).content()), content))
})

t.test('sessions, grants and nonces are known to each thread at once', async t => {
  const state = `/v1/records/${patient.recordId}/state`
  const view = await session.view()
  const mine = { keyId: `identity:${view.patient.identity.hash}`, key: view.sign }
  const open = (await patient.home.session())?.session ?? ''
  for (const { status } of await everywhere(() => ({ path: state, signer: mine, session: open }))) t.equal(status, 200)
  const none = await everywhere(() => ({ path: state, signer: mine, session: 'A'.repeat(43) }))
  for (const { code } of none) t.equal(code, 'session-required')

  const list = { ...asDoctor, path: `/v1/records/${patient.recordId}/documents` }
  const nonce = newNonce()
  const created = Math.floor(Date.now() / 1000)
  const replayed = await everywhere(() => ({ ...list, nonce, created }))
  t.equal(replayed.filter(({ status }) => status === 200).length, 1, 'one of them is the first')
  t.equal(replayed.filter(({ code }) => code === 'nonce-replayed').length, replayed.length - 1)

  await revokeGrants(session, NationalId.parse(DOCTOR.id))
  for (const { code } of await everywhere(() => list)) t.equal(code, 'no-grant')
  const { lines } = await readTrace(session)
  t.ok(lines.filter(({ outcome }) => outcome === 'refused').length >= 24, 'and each refusal is in the chain')
})

t.test('a part of no upload is refused, and the next request served', async t => {
  const path = `/v1/records/${patient.recordId}/uploads/${'A'.repeat(22)}/parts/0`
  const answer = await send(host, { ...asDoctor, method: 'PUT', path, body: new Uint8Array(300_000) })
  t.match(answer.json, { code: 'upload-unknown' })
  t.equal((await send(host, { path: '/v1/health' })).status, 200)
})
