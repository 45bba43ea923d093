/** A host whose HTTP is answered by two threads: everything is as with one, and no thread knows what another would not. */
import { once } from 'node:events'
import { Agent } from 'node:https'
import { join } from 'node:path'
import type { Worker } from 'node:worker_threads'
import Database from 'better-sqlite3'
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
/** Every thread that the host starts, in order. */
const threads: Worker[] = []
process.on('worker', thread => threads.push(thread))
const host = await startTestHost(join(folder, 'world'), { workers: 2 })
let isStopped = false
t.teardown(() => (isStopped ? undefined : host.stop()))
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

t.test('a thread that ends is replaced, and the others serve meanwhile', async t => {
  const health = () => send(host, { path: '/v1/health', agent: new Agent({ maxSockets: 1 }) })
  t.equal(threads.length, 2)
  await threads[0]?.terminate()
  for (let i = 0; i < 8; i++) t.equal((await health()).status, 200, 'by the other one')
  while (threads.length < 3) await new Promise(resolve => setTimeout(resolve, 50))
  // The new one says that it listens.
  await once(threads[2] as Worker, 'message')
  await threads[1]?.terminate()
  for (let i = 0; i < 8; i++) t.equal((await health()).status, 200, 'by the new one alone')
  while (threads.length < 4) await new Promise(resolve => setTimeout(resolve, 50))
  await once(threads[3] as Worker, 'message')
})

t.test('a stop under load: what was entered was answered, and nothing is entered after', async t => {
  await giveGrant(session, { nationalId: NationalId.parse(DOCTOR.id) })
  const list = { ...asDoctor, path: `/v1/records/${patient.recordId}/documents` }
  const lists = () =>
    new Database(join(host.world.layout.host.store, 'store.sqlite'), { readonly: true })
      .prepare(
        'SELECT COUNT(*) FROM entries WHERE chain = ? AND event LIKE \'%"action":"document.list"%"outcome":"ok"%\'',
      )
      .pluck()
      .get(patient.recordId) as number
  const before = lists()
  const outcomes: (number | string)[] = []
  let isOver = false
  const client = async () => {
    const agent = new Agent({ maxSockets: 1, keepAlive: true })
    while (!isOver) {
      const outcome = await send(host, { ...list, agent }).then(
        ({ status }) => status,
        (error: NodeJS.ErrnoException) => error.code ?? error.message,
      )
      outcomes.push(outcome)
      if (typeof outcome === 'string') return
    }
  }
  const clients = Array.from({ length: 12 }, client)
  while (outcomes.length < 60) await new Promise(resolve => setTimeout(resolve, 5))
  isStopped = true
  await host.stop()
  isOver = true
  await Promise.all(clients)
  const answered = outcomes.filter(outcome => outcome === 200).length
  t.ok(answered >= 50, `${answered} answered`)
  t.equal(lists() - before, answered, 'as many entries as answers')
  const others = outcomes.filter(outcome => outcome !== 200 && outcome !== 503 && typeof outcome !== 'string')
  t.same(others, [], 'who came too late was not let in')
})
