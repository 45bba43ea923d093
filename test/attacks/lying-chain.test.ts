import { existsSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import t from 'tap'
import { followChain, readWholeChain } from '../../src/client/patient/chain.ts'
import { listDocuments } from '../../src/client/patient/documents.ts'
import { giveGrant } from '../../src/client/patient/grants.ts'
import { maskDocument } from '../../src/client/patient/placements.ts'
import type { PatientSession } from '../../src/client/patient/session.ts'
import { signIn } from '../../src/client/patient/sign-in.ts'
import { readTrace } from '../../src/client/patient/trace.ts'
import { openAccess } from '../../src/client/professional/access.ts'
import { depositDocument } from '../../src/client/professional/deposit.ts'
import { openRead } from '../../src/client/professional/read.ts'
import { requestAccess } from '../../src/client/professional/request.ts'
import { parseEntry, writeEntry } from '../../src/log/entry.ts'
import type { Hash, Instant } from '../../src/protocol/ids.ts'
import { ChainPage } from '../../src/protocol/messages.ts'
import { manifestFor } from '../fixtures/document.ts'
import { startTestHost } from '../fixtures/host.ts'
import { activePatient, insOf, SECRET_CODE } from '../fixtures/patient.ts'
import { connect, signedIn } from '../fixtures/professional.ts'
import { testFolder } from '../fixtures/test-folder.ts'

// A host that lies about a patient's chain, and what a client that followed it before makes of that.
t.teardown(() => host.stop())
const folder = testFolder(t)
const host = await startTestHost(join(folder, 'world'))
/** No test waits for a log that never comes. */
const SOON = { patienceMs: 100 }
const zero = Buffer.alloc(32).toString('base64url') as Hash

let count = 500
async function someone(name: string) {
  const mail = `${name}@exemple.invalid`
  const patient = await activePatient(host, { folder: join(folder, name), ins: insOf(String(++count)), mail })
  return { patient, session: await signedIn(host, patient) }
}

/** The session as it is with a host that answers for the chain what `alter` makes of it. */
function withChain(session: PatientSession, alter: (page: ChainPage) => ChainPage): PatientSession {
  return new Proxy(session, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target)
      if (name === 'call') {
        return async (request: { path: string }) => {
          const answer = await target.call(request as never)
          return request.path.endsWith('/chain') ? alter(answer as ChainPage) : answer
        }
      }
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

/** An entry of the host's making, said to be too new for the tree. */
function waiting(after: ChainPage['entries'][number], t: Date): ChainPage['entries'][number] {
  const { parsed, hash } = parseEntry(after)
  const { record, n } = parsed.link
  const { salt, ...event } = parsed.event
  const made = writeEntry({ record, n: n + 1, prev: hash }, { ...event, t: t.toISOString() as Instant })
  return { link: made.link, event: made.event, leaf: null }
}

t.test('a log said to be late does not take the client back behind what it saw', async t => {
  const { session } = await someone('late')
  await followChain(session)
  const seen = session.seen.chain
  let next: ChainPage['entries'][number] | null = null
  const cut = ({ entries: [first] }: ChainPage): ChainPage => {
    if (next !== null || first === undefined) return { entries: next === null ? [] : [next], last: true }
    next = waiting(first, host.now())
    return { entries: [first, next], last: true }
  }
  await t.rejects(readWholeChain(withChain(session, cut), SOON), { code: /^chain-/ })
  t.same(session.seen.chain, seen)
  await session.close()
})

t.test('an entry dated ahead is no excuse for keeping it out of the tree', async t => {
  const { session } = await someone('ahead')
  await followChain(session)
  const page = await session.call({
    method: 'GET',
    path: session.path('/chain'),
    query: { after: -1 },
    answer: ChainPage,
  })
  const last = page.entries.at(-1) as ChainPage['entries'][number]
  const ahead = () => ({ entries: [waiting(last, new Date(host.now().getTime() + 86_400_000))], last: true })
  await t.rejects(followChain(withChain(session, ahead), SOON), { code: 'entry-not-in-tree' })
  await session.close()
})

t.test('a receipt whose entry came in a late log is not held against the host for ever', async t => {
  const { session } = await someone('honest')
  await listDocuments(session)
  t.not(session.seen.receipts.length, 0, 'receipts not yet met in the chain')
  let tail: ChainPage['entries'][number] | null = null
  const late = (page: ChainPage): ChainPage => {
    const last = page.entries.at(-1)
    if (page.entries.some(({ leaf }) => leaf === null)) return page
    if (last !== undefined) tail = waiting(last, host.now())
    return { entries: [...page.entries, ...(tail === null ? [] : [tail])], last: true }
  }
  const followed = await followChain(withChain(session, late), { patienceMs: 3000 })
  t.match(followed.warnings.at(-1), /late/)
  t.same(session.seen.receipts, [], 'what was found is found')
  await followChain(session)
  await session.close()
})

t.test('what another device had seen must be in the chain', async t => {
  const { session } = await someone('device')
  await followChain(session)
  const { chain } = session.seen
  const n = chain?.n ?? 0
  await session.see({ ...session.seen, awaited: { n: n + 3, hash: zero } })
  await t.rejects(followChain(session), { code: 'chain-cut' })
  await session.see({ ...session.seen, chain: null, awaited: { n, hash: zero } })
  await t.rejects(followChain(session), { code: 'chain-forked' })
  await session.see({ ...session.seen, awaited: { n, hash: chain?.hash as Hash } })
  await followChain(session)
  t.equal(session.seen.awaited, undefined, 'met')
  await session.close()
})

t.test('a sign-in at a host whose chain does not hold leaves no session to go on with', async t => {
  const { patient, session } = await someone('session')
  await session.end()
  await session.close()
  const seen = await patient.home.seen()
  const receipts = [{ entryHash: zero, integrateBy: host.now().toISOString() as Instant, text: 'a.b.c' }]
  await patient.home.saveSeen({ ...seen, receipts: [...seen.receipts, ...receipts] as never })
  const oneTimePassword = () => host.mail.oneTimePassword(patient.mail)
  const attempt = signIn({ home: patient.home, secretCode: SECRET_CODE, oneTimePassword, clock: host.now })
  await t.rejects(attempt, { code: 'receipt-not-honoured' })
  t.notOk(existsSync(join(patient.home.folder, 'session.json')))
})

t.test('documents that no entry speaks of, and reads of what was masked', async t => {
  const { patient, session } = await someone('documents')
  const doctor = await connect(host, 'doctor', join(folder, 'ws-doctor'))
  t.teardown(() => doctor.close())
  await requestAccess(doctor, patient.ins)
  await giveGrant(session, { nationalId: doctor.workstation.file.nationalId })
  const content = new TextEncoder().encode('%PDF-1.7 compte rendu')
  const access = await openAccess(doctor, patient.recordId)
  const manifest = { ...manifestFor(content.length), kind: 'reports' }
  const options = { access, compartment: 'reports', manifest, content: () => [content] }
  const { documentId } = await depositDocument(doctor, options as never)
  await openRead(doctor, access, documentId)
  await listDocuments(session)
  t.same((await readTrace(session)).problems, [])

  await maskDocument(session, documentId)
  const store = new Database(join(host.world.layout.host.store, 'store.sqlite'))
  const served = store.prepare('SELECT * FROM documents WHERE document = ?').get(documentId) as { compartment: string }
  const reports = access.compartments.find(({ name }) => name === 'reports')?.id
  store.prepare('UPDATE documents SET compartment = ? WHERE document = ?').run(reports, documentId)
  await t.rejects(openRead(doctor, access, documentId), { code: /^(compartment-other|envelope-open)$/ })
  store.prepare('UPDATE documents SET compartment = ? WHERE document = ?').run(served.compartment, documentId)
  store.close()
  const { problems } = await readTrace(session)
  t.equal(problems.length, 1, 'the read that the host served though the document was masked')
  t.match(problems[0], /document\.read.*not for reading where the document lay/)

  await session.see({ ...session.seen, documents: [] })
  t.equal((await listDocuments(session)).length, 1, 'a new one may be newer than the chain that was followed')
  await session.close()
  host.advance(12 * 60_000)
  const later = await signedIn(host, patient)
  await later.see({ ...later.seen, documents: [] })
  await t.rejects(listDocuments(later), { code: 'document-unlogged' })
  await later.close()
})
