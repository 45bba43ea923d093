import { join } from 'node:path'
import t from 'tap'
import { listHash } from '../../../src/log/list.ts'
import type { Event } from '../../../src/protocol/entry.ts'
import type { DocumentId, Hash } from '../../../src/protocol/ids.ts'
import { actOf, type Holder, playStore, StoreCopy } from '../../fixtures/audited-store.ts'
import { newId } from '../../fixtures/document.ts'
import { testFolder } from '../../fixtures/test-folder.ts'

const folder = testFolder(t)
const played = await playStore(join(folder, 'played'))
const { holders, documents } = played
const [masked, clinics, latest] = documents as [DocumentId, DocumentId, DocumentId]
let copies = 0
const copyOf = () => new StoreCopy(played, join(folder, `copy-${++copies}`))

/** The grant statement of a holder, in force or not. */
const grantOf = (copy: StoreCopy, { id }: Holder) =>
  copy.edit(
    database =>
      (database.prepare('SELECT hash FROM grants WHERE grantee = ? ORDER BY in_force DESC').get(id) as { hash: Hash })
        .hash,
  )

const read = (document: DocumentId) => ({
  action: 'document.read' as const,
  object: { document },
  path: `/documents/${document}`,
})

t.test('what a truthful host wrote holds', async t => {
  const report = await copyOf().audit()
  t.same(report.findings, [])
  t.match(report, { holds: true, counts: { records: 1, deposits: 3, documents: 3, receipts: null } })
  t.ok(report.counts.reads >= 2 && report.counts.lists >= 2 && report.counts.refusals >= 2)
  t.equal(report.tree?.size, report.counts.entries)
  t.equal(report.tree?.cosigned.length, 4)
})

t.test('an act that the grant in force covers, inserted consistently, is as good as any', async t => {
  const copy = copyOf()
  await copy.forge(place =>
    actOf(played, holders.doctor, { ...place, ...read(latest), grant: grantOf(copy, holders.doctor) }),
  )
  t.same(await copy.codes(), [])
})

t.test('reads without a right, everything around them signed', async t => {
  const cases: [string, Holder, (copy: StoreCopy) => Hash | null, DocumentId, RegExp][] = [
    ['no grant is named', holders.doctor, () => null, latest, /names no grant/],
    ['the grant was revoked', holders.otherDoctor, copy => grantOf(copy, holders.otherDoctor), latest, /revoked/],
    ['the grant is another’s', holders.otherDoctor, copy => grantOf(copy, holders.doctor), latest, /another’s/],
    [
      'a right to deposit is none to read',
      holders.clinic,
      copy => grantOf(copy, holders.clinic),
      clinics,
      /to read in/,
    ],
  ]
  for (const [name, holder, grant, document, said] of cases) {
    const copy = copyOf()
    const forged = await copy.forge(place => actOf(played, holder, { ...place, ...read(document), grant: grant(copy) }))
    const { findings } = await copy.audit()
    t.match(findings, [{ code: 'no-grant', group: 'authority', count: 1, record: played.record }], name)
    t.equal(findings.length, 1, name)
    t.match(findings[0]?.message, said, name)
    t.equal(findings[0]?.n, forged.parsed.link.n, 'the forged entry is named')
  }
})

t.test('a document served after it was masked', async t => {
  const copy = copyOf()
  await copy.forge(place =>
    actOf(played, holders.doctor, { ...place, ...read(masked), grant: grantOf(copy, holders.doctor) }),
  )
  t.same(await copy.codes(), ['served-after-mask'])
})

t.test('a document served that never was', async t => {
  const copy = copyOf()
  await copy.forge(place =>
    actOf(played, holders.doctor, { ...place, ...read(newId()), grant: grantOf(copy, holders.doctor) }),
  )
  t.same(await copy.codes(), ['served-unknown'])
})

t.test('a grant past its term', async t => {
  const copy = copyOf()
  const later = 366 * 24 * 3600 * 1000
  await copy.forge(place =>
    actOf(played, holders.doctor, { ...place, ...read(latest), later, grant: grantOf(copy, holders.doctor) }),
  )
  t.ok((await copy.codes()).includes('no-grant'))
})

t.test('a list that leaves a document out, or shows a masked one', async t => {
  for (const shown of [[clinics], [latest, clinics], [masked, clinics, latest]]) {
    const copy = copyOf()
    await copy.forge(place =>
      actOf(played, holders.doctor, {
        ...place,
        action: 'document.list',
        object: { ids: listHash(shown), count: shown.length },
        path: '/documents',
        grant: grantOf(copy, holders.doctor),
      }),
    )
    t.same(await copy.codes(), ['list-withheld'])
  }
})

t.test('a refusal of what was allowed', async t => {
  const refused = (reason: string, act: Pick<Event, 'action' | 'object'> & { path: string; method?: string }) => {
    const copy = copyOf()
    return copy
      .forge(place =>
        actOf(played, holders.doctor, {
          ...place,
          ...act,
          object: { ...act.object, reason },
          outcome: 'refused',
          grant: null,
        }),
      )
      .then(() => copy.codes())
  }
  t.same(await refused('no-grant', read(latest)), ['refused-wrongly'])
  t.same(await refused('document-unknown', read(latest)), ['refused-wrongly'])
  t.same(await refused('document-unknown', read(masked)), [], 'a masked one is rightly unknown')
  const view = { action: 'access.view' as const, object: {}, path: '/access' }
  t.same(await refused('no-grant', view), ['refused-wrongly'])
  const start = { action: 'document.deposit' as const, object: {}, method: 'POST', path: '/uploads' }
  t.same(await refused('no-grant', start), [], 'there is a compartment, the masked one, where it has no right')
})

t.test('nobody else acts for the patient', async t => {
  const copy = copyOf()
  await copy.forge(place =>
    actOf(played, holders.doctor, {
      ...place,
      action: 'access.deny',
      object: { request: 'AAAAAAAAAAAAAAAAAAAAAA' },
      method: 'POST',
      path: '/access-requests/AAAAAAAAAAAAAAAAAAAAAA/deny',
      grant: null,
    }),
  )
  t.same(await copy.codes(), ['actor-wrong'])
})

t.test('a deposit over another, under an epoch that was rolled; and by somebody without a right', async t => {
  const forge = (copy: StoreCopy, holder: Holder) => {
    const row = copy.edit(
      database =>
        database
          .prepare('SELECT deposit_hash AS deposit, compartment FROM documents WHERE document = ?')
          .get(clinics) as {
          deposit: Hash
          compartment: string
        },
    )
    return copy.forge(place =>
      actOf(played, holder, {
        ...place,
        action: 'document.deposit',
        object: { document: clinics, ...row },
        method: 'POST',
        path: '/documents',
        grant: grantOf(copy, holder),
      }),
    )
  }
  const again = copyOf()
  await forge(again, holders.clinic)
  t.same(await again.codes(), ['document-twice', 'epoch-stale'])
  const stranger = copyOf()
  await forge(stranger, holders.otherDoctor)
  t.same(await stranger.codes(), ['document-twice', 'no-grant', 'statement-broken'])
})
