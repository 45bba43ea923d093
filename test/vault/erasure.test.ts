import { chmodSync, cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import t from 'tap'
import { generateStore } from '../../bench/samples/generated-store.ts'
import { readGenerated } from '../../bench/samples/generated-world.ts'
import { command as orderErasure } from '../../src/cli/audit/order-erasure.ts'
import { openStoreSource } from '../../src/cli/audit/store-source.ts'
import type { Io } from '../../src/cli/command.ts'
import { command as eraseLog } from '../../src/cli/host/erase-log.ts'
import { toBase64url } from '../../src/crypto/bytes.ts'
import { SigningKey } from '../../src/crypto/sign.ts'
import { audit } from '../../src/log/audit/audit.ts'
import { entryHash, erasedLine, parseErased, parseEvent } from '../../src/log/entry.ts'
import { signErasure, verifyErasure } from '../../src/log/erasure.ts'
import type { Anchors } from '../../src/protocol/anchors.ts'
import { isPassing } from '../../src/protocol/entry.ts'
import { Instant } from '../../src/protocol/ids.ts'
import { carryOut } from '../../src/vault/erasure.ts'
import { Journal } from '../../src/vault/journal.ts'
import { exportLog } from '../../src/vault/store/log-export.ts'
import { openSqlite } from '../../src/vault/store/sqlite.ts'
import { testFolder } from '../fixtures/test-folder.ts'

t.setTimeout(120_000)
const DAY_MS = 86_400_000
const AFTER_DAYS = 30
const folder = testFolder(t)
const size = await generateStore(join(folder, 'made'), { entries: 700, records: 8, threads: 1 })
const { anchors: generated, hostKey } = readGenerated(join(folder, 'made'))
const authority = SigningKey.generate()
const anchors: Anchors = {
  ...generated,
  erasure: { authority: 'Autorité', key: toBase64url(authority.verifyKey.bytes) as never, afterDays: AFTER_DAYS },
}
const { deployment } = anchors
const later = (days: number) => new Date(Date.now() + days * DAY_MS)
const order = (from: number, to: number, key = authority) =>
  signErasure({ deployment, from, to, basis: 'art. 5', t: Instant.parse(new Date().toISOString()) }, key)
let copies = 0
const copyOf = () => {
  const to = join(folder, `copy-${++copies}`)
  cpSync(join(folder, 'made', 'store'), to, { recursive: true })
  return to
}
const erase = async (store: string, text: string, days = AFTER_DAYS + 1, by = anchors) => {
  const opened = openSqlite(join(store, 'store.sqlite'))
  const clock = () => later(days)
  const journal = new Journal({ deployment, hostKey, clock })
  try {
    return await carryOut(text, { store: opened, journal, anchors: by, clock, onProgress: () => {} })
  } finally {
    await opened.close()
  }
}
const audited = async (store: string, by = anchors) => {
  const source = openStoreSource(store, { bodies: false })
  try {
    return await audit(source, { anchors: by, now: later(AFTER_DAYS + 2) })
  } finally {
    source.close()
  }
}
const edit = (store: string, work: (database: Database.Database) => void) => {
  const database = new Database(join(store, 'store.sqlite'))
  work(database)
  database.close()
}
const lines = (store: string) => {
  const database = new Database(join(store, 'store.sqlite'), { readonly: true })
  const rows = database.prepare('SELECT seq, link, event, hash, t FROM entries ORDER BY seq').all()
  database.close()
  return rows as { seq: number; link: string; event: string; hash: string; t: string }[]
}

t.test('a lawful erasure takes the passing events of its range, and the audit holds as before', async t => {
  const store = copyOf()
  const before = lines(store)
  const [from, to] = [10, size - 20]
  const passing = before.filter(({ seq, event }) => seq >= from && seq < to && isPassing(parseEvent(event)))
  const text = await order(from, to)
  t.equal(await erase(store, text), passing.length)
  t.ok(passing.length > 300)
  const after = lines(store)
  for (const row of after) t.equal(entryHash(row), row.hash)
  const gone = new Set(passing.map(({ seq }) => seq))
  for (const { seq, event, t: time } of after) {
    if (seq >= size) continue
    t.equal(event.startsWith('{"erased":'), gone.has(seq))
    if (gone.has(seq)) t.equal(time, '')
  }
  t.match(parseEvent(after.at(-1)?.event ?? ''), { action: 'log.erase', object: { from, to } })
  const report = await audited(store)
  t.same(report.findings, [])
  t.ok(report.holds)
  t.match(report.counts, { entries: size + 1, erased: passing.length })
  t.equal(await erase(store, text), 0, 'given again, there is nothing left to do')
  const exported = join(folder, 'exported')
  await exportLog({ from: store, to: exported, onProgress: () => {} })
  t.ok((await audited(exported)).holds, 'and in an export')
})

t.test('nothing of what was erased is left in the files', async t => {
  const store = copyOf()
  const victim = lines(store).find(({ seq, event }) => seq > 400 && isPassing(parseEvent(event)))
  const salt = parseEvent(victim?.event ?? '').salt
  const holds = () => {
    return ['store.sqlite', 'store.sqlite-wal'].some(
      name => existsSync(join(store, name)) && readFileSync(join(store, name)).includes(salt),
    )
  }
  t.ok(holds())
  await erase(store, await order(0, size - 1))
  t.notOk(holds())
})

t.test('too early, for nobody, or by nobody’s right: the host refuses', async t => {
  const store = copyOf()
  await t.rejects(erase(store, await order(10, 20), AFTER_DAYS - 1), { code: 'erasure-early' })
  await t.rejects(erase(store, await order(10, size + 5)), { code: 'erasure-early' }, 'no witness has seen them')
  await t.rejects(erase(store, await order(10, 20, SigningKey.generate())), { code: /signature/ })
  await t.rejects(erase(store, await order(20, 20)), { code: 'erasure-range' })
  const text = await order(10, 20)
  await t.rejects(verifyErasure(text, { ...anchors, deployment: toBase64url(new Uint8Array(16)) as never }), {
    code: 'erasure-deployment',
  })
  await t.rejects(verifyErasure(text, generated), { code: 'erasure-authority' })
  t.same((await audited(store)).findings, [], 'and nothing was done')
})

t.test('an auditor finds what was erased without an order, unsaid, or before its term', async t => {
  const found = async (store: string, by = anchors) =>
    (await audited(store, by)).findings.map(({ code, seq, message }) => ({ code, seq, message }))
  const victim = lines(copyOf()).find(({ seq, event }) => seq > 400 && isPassing(parseEvent(event)))
  const seq = victim?.seq ?? 0
  const bare = copyOf()
  const take = (database: Database.Database) =>
    database.prepare('UPDATE entries SET event = ? WHERE seq = ?').run(erasedLine(victim?.event ?? ''), seq)
  edit(bare, take)
  t.match(await found(bare), [{ code: 'erased-unlawfully', seq, message: /No order/ }])

  const unsaid = copyOf()
  const text = await order(seq, seq + 1)
  const { hash } = await verifyErasure(text, anchors)
  edit(unsaid, database => {
    take(database)
    database.prepare("INSERT INTO erasures VALUES (?, ?, '')").run(hash, text)
  })
  const codes = await found(unsaid)
  t.match(
    codes.find(({ code }) => code === 'erased-unlawfully'),
    { seq, message: /does not say/ },
  )

  const early = copyOf()
  await erase(early, await order(10, size - 20), 8, {
    ...anchors,
    erasure: { ...anchors.erasure, afterDays: 7 } as never,
  })
  t.match(await found(early), [{ code: 'erased-unlawfully', message: /too young/ }])

  const others = copyOf()
  await erase(others, await order(10, size - 20))
  const key = toBase64url(SigningKey.generate().verifyKey.bytes) as never
  const by = { ...anchors, erasure: { authority: 'Another', key, afterDays: 1 } }
  t.match(await found(others, by), [{ code: 'erased-unlawfully', message: /No order/ }])
})

t.test('an entry that later acts rest on is missed when its event is gone, order or not', async t => {
  const store = copyOf()
  const deposit = lines(store).find(({ event }) => parseEvent(event).action === 'document.deposit')
  await erase(store, await order(0, size - 1))
  edit(store, database => {
    const update = database.prepare('UPDATE entries SET event = ? WHERE seq = ?')
    update.run(erasedLine(deposit?.event ?? ''), deposit?.seq)
  })
  const codes = (await audited(store)).findings.map(({ code }) => code)
  t.ok(codes.includes('statement-unlogged'), codes.join())
})

t.test('an erased line is one line, of no event', t => {
  const [row] = lines(join(folder, 'made', 'store'))
  const line = erasedLine(row?.event ?? '')
  t.equal(parseErased({ link: row?.link ?? '', event: row?.event ?? '' }), null)
  t.equal(parseErased({ link: row?.link ?? '', event: line })?.hash, row?.hash)
  t.equal(parseErased({ link: row?.link ?? '', event: `${line} ` }), null)
  t.throws(() => parseEvent(line), { code: 'entry-form' })
  t.end()
})

t.test('the commands: the authority signs, the host carries it out', async t => {
  const store = copyOf()
  const home = testFolder(t, {
    'authority.key': `${toBase64url(authority.seed)}\n`,
    'other.key': `${toBase64url(SigningKey.generate().seed)}\n`,
    'anchors.json': JSON.stringify(anchors),
    keys: { 'opaque.setup': 'none', 'tls.key': 'none' },
  })
  const file = (name: string) => join(home, name)
  const { host, log } = JSON.parse(readFileSync(join(folder, 'made', 'signers.json'), 'utf8')) as {
    host: string
    log: Record<'ed25519' | 'mlDsa44', string>
  }
  const secrets = { 'host.key': host, 'log-ed25519.key': log.ed25519, 'log-mldsa44.key': log.mlDsa44 }
  for (const [name, text] of Object.entries(secrets)) writeFileSync(file(`keys/${name}`), text)
  for (const name of readdirSync(file('keys'))) chmodSync(file(`keys/${name}`), 0o600)
  const config = {
    ...{ anchors: './anchors.json', keys: './keys', store, crls: './crls' },
    listen: { address: '127.0.0.1', patients: 0, professionals: 0 },
    tls: { certificate: './tls.pem', key: './keys/tls.key' },
    mail: { host: '127.0.0.1', port: 25, from: 'coffre@example.org' },
  }
  writeFileSync(file('config.json'), JSON.stringify(config))
  const said: string[] = []
  const io = {
    clock: () => later(AFTER_DAYS + 1),
    print: (line: string) => void said.push(line),
    progress: () => {},
    json: false,
  } as unknown as Io
  const sign = (values: Record<string, string>) =>
    orderErasure.run(
      {
        values: { ...{ anchors: file('anchors.json'), key: file('authority.key'), basis: 'art. 5' }, ...values },
        positionals: [],
      },
      io,
    )
  const out = file('order.jws')
  await t.rejects(sign({ from: '0', to: '9', key: file('other.key'), out }), /not the key of the authority/)
  await t.rejects(sign({ from: '9', to: '9', out }), /greater than --from/)
  await t.rejects(sign({ from: 'x', to: '9', out }), /number of an entry/)
  await t.rejects(sign({ from: '0', to: '9', key: file('config.json'), out }), /not a key/)
  await sign({ from: '0', to: String(size), out })
  t.match(said.at(-1), /coffre host erase-log/)
  const carried = (order: string) =>
    eraseLog.run({ values: { config: file('config.json'), order }, positionals: [] }, io)
  await t.rejects(carried(file('nowhere')), /cannot be read/)
  t.match(await carried(out), { erased: Number })
  t.match(said.join('\n'), /events erased.*\n.*Backups/)
  t.ok((await audited(store)).holds)
})
