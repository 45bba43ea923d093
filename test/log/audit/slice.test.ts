import { join } from 'node:path'
import Database from 'better-sqlite3'
import t from 'tap'
import { auditStore } from '../../../src/cli/audit/run.ts'
import { openStoreSource } from '../../../src/cli/audit/store-source.ts'
import { audit } from '../../../src/log/audit/audit.ts'
import { Slice } from '../../../src/log/audit/slice.ts'
import { type AuditSource, takes, WHOLE } from '../../../src/log/audit/source.ts'
import { Ins } from '../../../src/protocol/ids.ts'
import { testFolder } from '../../fixtures/test-folder.ts'
import { change, planGrant, planRevocation } from '../../fixtures/vault-acts.ts'
import {
  DOCTOR,
  makeHolder,
  openRecord,
  openVaultWorld,
  publish,
  type WorldPatient,
} from '../../fixtures/vault-world.ts'

// Records of both halves of a store, each of which gets and loses a grant after the others were opened.
const folder = join(testFolder(t), 'store')
const world = await openVaultWorld(folder)
const patients: WorldPatient[] = []
const inPart = (index: number) => patients.filter(({ caller }) => takes({ index, of: 2 }, caller.recordId))
while (patients.length < 3 || inPart(0).length === 0 || inPart(1).length === 0) {
  patients.push(await openRecord(world, Ins.parse(String(patients.length).padStart(22, '0'))))
}
const doctor = await publish(world, await makeHolder(world, DOCTOR))
for (const patient of patients) await change(world, patient, await planGrant(world, patient, doctor))
for (const patient of patients) await change(world, patient, await planRevocation(world, patient, doctor))
await world.vault.close()
const { anchors } = world
const now = world.now()

const withThreads = (threads: number) =>
  auditStore(folder, { anchors, now, bodies: false, threads, signatures: true }, () => {})

t.test('threads share the chains, and say together what one says', async t => {
  const [one, two] = [await withThreads(1), await withThreads(2)]
  t.same(one.findings, [])
  t.same(two.findings, [])
  t.same(two.counts, one.counts)
  t.equal(two.counts.records, patients.length)
  for (const index of [0, 1]) {
    const [patient] = inPart(index)
    const record = patient?.caller.recordId as string
    const undo = alter(
      `UPDATE entries SET link = replace(link, '"n":1,', '"n":7,') WHERE chain = '${record}' AND n = 1`,
    )
    const { findings } = await withThreads(2)
    t.ok(
      findings.some(finding => finding.code === 'chain-gap' && finding.record === record),
      `part ${index}`,
    )
    undo()
  }
})

/** Changes the entries; gives how to change them back. */
function alter(sql: string): () => void {
  const database = new Database(join(folder, 'store.sqlite'))
  const before = database.prepare('SELECT seq, link, event FROM entries').all()
  database.exec(sql)
  return () => {
    const back = database.prepare('UPDATE entries SET link = @link, event = @event WHERE seq = @seq')
    for (const row of before) back.run(row)
    database.close()
  }
}

/** With the verified state of one record in memory. */
const withOne = async (change: (source: AuditSource) => Partial<AuditSource> = () => ({})) => {
  const opened = openStoreSource(folder, { bodies: false })
  const source = { ...opened, ...change(opened) }
  const slice = new Slice(source, { anchors, part: WHOLE, signatures: true, resumeAt: 0, atHand: 1 })
  try {
    return await audit(source, { anchors, now, slices: [slice] })
  } finally {
    opened.close()
  }
}

t.test('a record that memory let go of is read and verified again', async t => {
  const asked = new Map<string, number>()
  const count = (hash: string) => asked.set(hash, (asked.get(hash) ?? 0) + 1).get(hash) as number
  const report = await withOne(source => ({
    statement: (kind, hash) => {
      if (kind === 'state') count(hash)
      return source.statement(kind, hash)
    },
  }))
  t.same(report.findings, [])
  t.ok([...asked.values()].filter(times => times > 1).length >= patients.length, 'each was let go')

  // The store gives another text the second time.
  asked.clear()
  const states = new Set<string>()
  const lying = await withOne(source => ({
    async statement(kind, hash) {
      const text = await source.statement(kind, hash)
      if (kind !== 'state' || text === null || count(hash) === 1) return text
      states.add(hash)
      return `${text.slice(0, -5)}AAAAA`
    },
  }))
  t.ok(states.size > 0)
  t.ok(lying.findings.some(({ code }) => code === 'state-broken'))
})

t.test('delegations, handovers and recoveries are read where a host has a place for them', async t => {
  const database = new Database(join(folder, 'store.sqlite'))
  for (const kind of ['delegations', 'handovers', 'recoveries']) {
    // A host that offers a kind has a view of it.
    database.exec(`DROP VIEW IF EXISTS audit_${kind}`)
    database.exec(`CREATE TABLE audit_${kind} (hash TEXT, record TEXT, statement TEXT)`)
    database.exec(`INSERT INTO audit_${kind} VALUES ('hash', 'record', 'of ${kind}')`)
  }
  const source = openStoreSource(folder, { bodies: false })
  t.equal(await source.statement('delegation', 'hash'), 'of delegations')
  t.equal(await source.statement('handover', 'hash'), 'of handovers')
  t.equal(await source.statement('recovery', 'hash'), 'of recoveries')
  t.equal(await source.statement('recovery', 'other'), null)
  source.close()
  const { findings } = await withThreads(1)
  t.match(findings, [{ code: 'statement-unlogged', count: 3 }], 'and none that the log does not know')
  for (const kind of ['delegations', 'handovers', 'recoveries']) database.exec(`DROP TABLE audit_${kind}`)
  database.close()
})
