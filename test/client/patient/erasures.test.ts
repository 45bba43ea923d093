/** A chain some of whose events were lawfully erased: read as before, shown as it is, and no other gap passes for it. */
import { join } from 'node:path'
import t from 'tap'
import { inWords } from '../../../src/cli/patient/trace.ts'
import { trustOf } from '../../../src/client/anchors.ts'
import { followChain, readWholeChain } from '../../../src/client/patient/chain.ts'
import { listDocuments } from '../../../src/client/patient/documents.ts'
import type { PatientSession } from '../../../src/client/patient/session.ts'
import { readTold } from '../../../src/client/patient/told.ts'
import { readTrace } from '../../../src/client/patient/trace.ts'
import { exportTrace } from '../../../src/client/patient/trace-export.ts'
import { verifyTraceExport } from '../../../src/client/patient/trace-verify.ts'
import { SigningKey } from '../../../src/crypto/sign.ts'
import { erasedLine } from '../../../src/log/entry.ts'
import { ChainPage, type ShownErasure } from '../../../src/protocol/messages.ts'
import { erase, erasureAfter, orderAt } from '../../fixtures/erasing.ts'
import { activePatient, insOf } from '../../fixtures/patient.ts'
import { signedIn } from '../../fixtures/professional.ts'
import { startWitnessedHost } from '../../fixtures/reopening.ts'
import { testFolder } from '../../fixtures/test-folder.ts'

t.setTimeout(120_000)
const DAY_MS = 86_400_000
const erasure = erasureAfter(30)
const folder = testFolder(t)
const host = await startWitnessedHost(join(folder, 'world'), { erasure })
t.teardown(() => host.stop())
const { anchors } = host.world

const orderOf = (from: number, to: number, key?: SigningKey) => orderAt(host, { from, to, ...(key && { key }) })

const patient = await activePatient(host, {
  folder: join(folder, 'home'),
  ins: insOf('880'),
  mail: 'a@example.invalid',
})
const before = await signedIn(host, patient)
await listDocuments(before)
const whole = await readTrace(before)
const kept = before.seen.chain
await before.close()
await host.witnessed()
host.advance(31 * DAY_MS)
const count = await erase(host, whole.treeSize)
await host.witnessed()
const session = await signedIn(host, patient)
const gone = whole.lines.filter(({ action }) => /^(session|document\.list)/.test(action)).map(({ n }) => n)

/** The session with a host that answers for the chain what `alter` makes of it. */
function withChain(alter: (page: ChainPage) => ChainPage, trust = session.trust): PatientSession {
  return new Proxy(session, {
    get(target, name) {
      if (name === 'trust') return trust
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
const shownIn = async () => {
  const page = await session.call({
    method: 'GET',
    path: session.path('/chain'),
    query: { after: -1 },
    answer: ChainPage,
  })
  return page.erasures?.[0] as ShownErasure
}
const withShown = (change: (shown: ShownErasure) => ShownErasure[] | undefined) =>
  withChain(({ erasures = [], ...page }) => {
    const changed = erasures.flatMap(each => change(each) ?? [])
    return { ...page, ...(changed.length > 0 && { erasures: changed }) }
  })

t.test('the chain holds, from the entry kept before on and whole, and a line says what is gone', async t => {
  t.ok(count > 0 && gone.length > 1)
  t.ok((session.seen.chain?.n ?? 0) > (kept?.n ?? 0), 'followed from what was kept')
  const trace = await readTrace(session)
  t.same(trace.problems, [])
  t.same(
    trace.lines.filter(({ n }) => n <= (kept?.n ?? 0)).map(({ n }) => n),
    whole.lines.map(({ n }) => n),
    'every number is there',
  )
  for (const { n, erased, ...line } of trace.lines) {
    t.equal(erased !== null, gone.includes(n), String(n))
    if (erased === null) continue
    t.match(erased, { authority: 'Tribunal de Lyon', basis: 'art. L. 1111-8' })
    t.match(inWords({ n, erased, ...line }), /effacé .* sur l’ordre de Tribunal de Lyon \(art\. L\. 1111-8\)/)
  }
  t.notOk(
    (await readTold(session)).some(({ n }) => gone.includes(n)),
    'nothing is left to tell of it',
  )
  await followChain(session)
})

t.test('an export shows it to anybody, offline', async t => {
  const files = new Map<string, string | Uint8Array>()
  for await (const { path, content } of exportTrace(session)) files.set(path, content)
  const verify = (from = files, by = anchors) =>
    verifyTraceExport(
      { read: async path => (from.has(path) ? Buffer.from(from.get(path) as never).toString() : null) },
      { trust: trustOf(by), clock: host.now },
    )
  const { lines, problems } = await verify()
  t.same(problems, [])
  t.same(
    lines.filter(({ erased }) => erased !== null).map(({ n }) => n),
    gone,
  )
  const without = new Map(files)
  const record = JSON.parse(String(files.get('record.json')))
  without.set('record.json', JSON.stringify({ ...record, erasures: undefined }))
  await t.rejects(verify(without), { code: 'erased-unlawfully' }, 'without the order')
  await t.rejects(verify(files, { ...anchors, erasure: { ...erasure, afterDays: 365 } }), { code: 'erased-unlawfully' })
})

t.test('any other gap is refused', async t => {
  const refused = (session: PatientSession, why: string) =>
    t.rejects(readWholeChain(session, { patienceMs: 100 }), { code: 'erased-unlawfully' }, why)
  await refused(
    withShown(() => undefined),
    'no order at all',
  )
  const forged = await orderOf(0, 1_000_000, SigningKey.generate())
  await refused(
    withShown(shown => [{ ...shown, order: forged }]),
    'an order that somebody else signed',
  )
  const wider = await orderOf(0, 1_000_000)
  await refused(
    withShown(shown => [{ ...shown, order: wider }]),
    'an order that the log does not name',
  )
  const entered = await shownIn()
  const renamed = { ...entered, event: entered.event.replace(/"order":"[^"]+"/, `"order":"${'A'.repeat(43)}"`) }
  await refused(
    withShown(() => [renamed]),
    'an entry that is not in the log',
  )
  await refused(
    withShown(shown => [{ ...shown, proof: null }]),
    'an entry that nobody witnessed',
  )
  const young = { entryHash: entered.last.entryHash, proof: entered.proof ?? '' }
  await refused(
    withShown(shown => [{ ...shown, last: young }]),
    'a checkpoint of long after',
  )
  const { trust } = session
  const strict = { ...trust, anchors: { ...anchors, erasure: { ...erasure, afterDays: 32 } } }
  await refused(
    withChain(page => page, strict),
    'too young',
  )
  const unordered = { ...trust, anchors: { ...anchors, erasure: undefined } }
  await refused(
    withChain(page => page, unordered as never),
    'anchors that let nobody erase',
  )
  const newest = withChain(page => ({
    ...page,
    entries: page.entries.map((each, i) =>
      i < page.entries.length - 1 ? each : { ...each, event: erasedLine(each.event) },
    ),
  }))
  await refused(newest, 'an entry after the order’s range')
  t.same((await readTrace(session)).problems, [], 'and the truth still holds')
  await session.close()
})
