import { createHash, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { recoveryKitPdf } from '../../src/client/kit-pdf.ts'
import { activateRecord } from '../../src/client/patient/activate.ts'
import { changeState } from '../../src/client/patient/change.ts'
import { listDocuments as listAsPatient, readDocument as readAsPatient } from '../../src/client/patient/documents.ts'
import { giveGrant } from '../../src/client/patient/grants.ts'
import { PatientHome } from '../../src/client/patient/home.ts'
import { openRecord } from '../../src/client/patient/open.ts'
import { maskDocument, unmaskDocument } from '../../src/client/patient/placements.ts'
import type { PatientSession } from '../../src/client/patient/session.ts'
import { signIn } from '../../src/client/patient/sign-in.ts'
import { readTrace } from '../../src/client/patient/trace.ts'
import { openAccess } from '../../src/client/professional/access.ts'
import type { Connection } from '../../src/client/professional/connection.ts'
import { depositDocument } from '../../src/client/professional/deposit.ts'
import { listDocuments, openRead } from '../../src/client/professional/read.ts'
import { requestAccess } from '../../src/client/professional/request.ts'
import { CoffreError } from '../../src/crypto/errors.ts'
import { CLINIC, DOCTOR } from '../../src/dev/people.ts'
import { spokenGroups } from '../../src/dev/spoken-text.ts'
import { type DocumentId, NationalId, type RecordId } from '../../src/protocol/ids.ts'
import { PART_SIZE } from '../../src/protocol/messages.ts'
import { collect, manifestFor } from '../fixtures/document.ts'
import { listen } from '../fixtures/heard.ts'
import { send } from '../fixtures/host.ts'
import { makeHostProcess } from '../fixtures/host-process.ts'
import { insOf, issueAt, SECRET_CODE } from '../fixtures/patient.ts'
import { connect } from '../fixtures/professional.ts'
import { checkStoreFolder } from '../fixtures/store-checks.ts'
import { testFolder } from '../fixtures/test-folder.ts'

// The host is killed (kill -9) after every step of a short story, and at random moments while many ask at once. It
// starts again by itself, on the same store, and has all that it acknowledged.

/** Kills in all; hundreds with COFFRE_FAULT_KILLS=300. */
const KILLS = Number(process.env.COFFRE_FAULT_KILLS ?? 16)
t.setTimeout(60_000 + KILLS * 8_000)

const folder = testFolder(t)
const host = await makeHostProcess(folder)
const { client, mail, world } = host
const heard = listen(world.anchors)
t.teardown(async () => {
  heard.stop()
  await mail.stop()
})

let kills = 0
/** SHA-256 of the content of each acknowledged document. */
const contents = new Map<DocumentId, string>()
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

/** Kills the host, starts it again, and looks at everything. */
async function killed(t: Test, after: string): Promise<void> {
  await host.kill()
  kills++
  await host.start()
  t.same(await checkStoreFolder(world.layout.host.store, heard.promised), [], `whole after ${after}`)
  for (const kind of ['opening', 'deposit', 'state change'] as const) {
    if (idle) t.not(await heard.repeat(kind), false, `the ${kind} again: the same receipt, after ${after}`)
  }
}

/** Nobody else asks at the moment, so the last state change is still the newest. */
let idle = true

const home = new PatientHome(join(folder, 'patient'))
const address = 'interruption@exemple.invalid'
const ins = insOf('9001')
let kit = new Uint8Array()
let recordId: RecordId
let session: PatientSession
let doctor: Connection
let clinic: Connection
let document: DocumentId

const signedIn = async () =>
  signIn({ home, secretCode: SECRET_CODE, clock: client.now, oneTimePassword: () => mail.oneTimePassword(address) })

async function deposit(who: Connection, size: number, boundary?: () => Promise<void>): Promise<DocumentId> {
  const content = randomBytes(size)
  const deposited = await depositDocument(who, {
    access: await openAccess(who, recordId),
    compartment: 'reports',
    manifest: { ...manifestFor(size), kind: 'reports' },
    async *content() {
      yield content.subarray(0, PART_SIZE + 100_000)
      // By now the first part was sent and acknowledged.
      await boundary?.()
      yield content.subarray(PART_SIZE + 100_000)
    },
  })
  contents.set(deposited.documentId, sha256(content))
  return deposited.documentId
}

async function isWhole(who: Connection, id: DocumentId): Promise<boolean> {
  const read = await openRead(who, await openAccess(who, recordId), id)
  return sha256(await collect(read.content())) === contents.get(id)
}

await host.start()
t.teardown(() => host.kill())

t.test('killed after each step', async t => {
  const opening = await issueAt(client, ins, 'opening')
  await killed(t, 'the registration')
  const opened = await openRecord({
    home,
    ins,
    code: opening.issued.code,
    anchors: world.layout.anchors,
    clock: client.now,
    keepKit: async page => {
      kit = new Uint8Array(await recoveryKitPdf(page))
    },
    askKit: async groups => groups.map(group => spokenGroups(Buffer.from(kit))[group - 1] ?? ''),
  })
  recordId = opened.recordId
  await killed(t, 'opening')
  const activation = await issueAt(client, ins, 'activation')
  await activateRecord({
    home,
    code: activation.issued.code,
    kit: spokenGroups(Buffer.from(kit)).join('-'),
    secretCode: SECRET_CODE,
    contact: { kind: 'mail', address },
    clock: client.now,
    oneTimePassword: () => mail.oneTimePassword(address),
  })
  await killed(t, 'activation')
  ;({ session } = await signedIn())
  await killed(t, 'sign-in')
  doctor = await connect(client, 'doctor', join(folder, 'doctor'))
  clinic = await connect(client, 'clinic', join(folder, 'clinic'))
  await killed(t, 'enrolment')
  await requestAccess(doctor, ins)
  await requestAccess(clinic, ins)
  await killed(t, 'the request')
  await giveGrant(session, { nationalId: NationalId.parse(DOCTOR.id) })
  await giveGrant(session, {
    nationalId: NationalId.parse(CLINIC.id),
    rights: new Map([['reports', ['read', 'deposit']]]),
  })
  await killed(t, 'the grant')
  document = await deposit(doctor, PART_SIZE + 200_000, () => killed(t, 'the first part of an upload'))
  await killed(t, 'the deposit')
  t.ok(await isWhole(doctor, document))
  await killed(t, 'the read')
  await maskDocument(session, document)
  await killed(t, 'masking')
  t.same((await listDocuments(doctor, await openAccess(doctor, recordId))).documents, [], 'still masked')
  const [given] = [...(await session.view()).grants.values()].filter(each => each.payload.grantee.id === DOCTOR.id)
  await changeState(session, async () => ({
    action: 'grant.revoke',
    dropGrants: [given?.hash as never],
    object: {},
  }))
  await killed(t, 'revoking')
  await t.rejects(openAccess(doctor, recordId), { code: 'no-grant' }, 'and it stays revoked')
  await session.close()
  const again = await signedIn()
  session = again.session
  t.ok(again.settled.rolled.length > 0, 'the roll that was due is done at the next sign-in')
  await killed(t, 'the roll')
  const read = await readAsPatient(session, document)
  t.equal(sha256(await collect(read.content())), contents.get(document), 'the patient has the document')
  await unmaskDocument(session, document)
})

t.test('killed at random moments under load', async t => {
  idle = false
  await giveGrant(session, { nationalId: NationalId.parse(DOCTOR.id) })
  const strange: string[] = []
  let stopped = false
  let done = 0
  /** Repeats an act until told to stop; a host that is gone is expected, and nothing else. */
  const keepAt = async (name: string, act: () => Promise<unknown>, expected: readonly string[] = []) => {
    while (!stopped) {
      try {
        await act()
        done++
      } catch (error) {
        const code = CoffreError.is(error) ? error.code : String(error)
        if (code === 'host-unreachable') await new Promise(resolve => setTimeout(resolve, 50))
        else if (!expected.includes(code))
          strange.push(`${name}: ${code} ${error instanceof Error ? error.message : ''}`)
        if (strange.length > 20) return
      }
    }
  }
  const some = () => [...contents.keys()].at(-1 - Math.floor(Math.random() * Math.min(5, contents.size))) ?? document
  const loads = [
    // Uploads that a kill cut short stay open until they expire, and a key has so many at most.
    keepAt('doctor deposits', () => deposit(doctor, 1 + Math.floor(Math.random() * 150_000)), ['busy']),
    keepAt('clinic deposits', () => deposit(clinic, 1 + Math.floor(Math.random() * 40_000)), ['busy']),
    // Masked at this very moment, a document never existed.
    keepAt('doctor reads', async () => t.ok(await isWhole(doctor, some())), ['document-unknown', 'read-closed']),
    keepAt('clinic lists', async () => listDocuments(clinic, await openAccess(clinic, recordId))),
    // A change whose answer was lost was made all the same.
    keepAt('patient masks', async () => {
      const id = some()
      await maskDocument(session, id)
      await listAsPatient(session)
      await unmaskDocument(session, id)
    }, ['already-masked', 'not-masked']),
  ]
  do {
    await new Promise(resolve => setTimeout(resolve, 200 + Math.random() * 1000))
    // On a slow machine the first acts take longer than that, and kills before any of them prove nothing.
    for (let waited = 0; done === 0 && strange.length === 0 && waited < 600; waited++)
      await new Promise(resolve => setTimeout(resolve, 50))
    await killed(t, `load, kill ${kills + 1}`)
  } while (kills < KILLS)
  stopped = true
  await Promise.all(loads)
  t.same(strange, [])
  t.ok(done > 0)
  t.comment(`${kills} kills, ${heard.promised.entries.size} receipts, ${contents.size} documents`)
})

t.test('everything acknowledged is there, readable, and in the patient’s trace', async t => {
  idle = true
  await session.close()
  ;({ session } = await signedIn())
  for (const id of contents.keys()) {
    const { content } = await readAsPatient(session, id)
    t.equal(sha256(await collect(content())), contents.get(id), id)
  }
  const trace = await readTrace(session)
  t.same(trace.problems, [])
  const deposits = trace.lines.filter(({ action }) => action === 'document.deposit')
  t.ok(deposits.length >= contents.size)
  const { status, bytes } = await send(client, { path: '/log/checkpoint' })
  t.equal(status, 200)
  t.ok(bytes.length > 0)
  for (const each of [session, doctor, clinic]) await each.close()
})
