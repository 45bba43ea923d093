import t from 'tap'
import { toBase64url } from '../../src/crypto/bytes.ts'
import { SigningKey } from '../../src/crypto/sign.ts'
import { checkNext, type ParsedEntry, parseEntry } from '../../src/log/entry.ts'
import { verifyReceipt } from '../../src/log/receipt.ts'
import { NOTHING_SEEN, type Seen } from '../../src/log/seen.ts'
import type { Hash, RecordId } from '../../src/protocol/ids.ts'
import type { SignedRequest } from '../../src/vault/caller.ts'
import { type Draft, Journal } from '../../src/vault/journal.ts'
import { openSqlite } from '../../src/vault/store/sqlite.ts'
import { newId } from '../fixtures/document.ts'
import { anyHash } from '../fixtures/states.ts'
import { testFolder } from '../fixtures/test-folder.ts'

const hostKey = SigningKey.generate()
const deployment = newId<never>()
const record = newId<RecordId>()
const identity = anyHash()
let now = new Date('2026-11-24T08:00:00.000Z')
const journal = new Journal({ deployment, hostKey, clock: () => now })
t.teardown(() => store.close())
const store = openSqlite(`${testFolder(t)}/store.sqlite`)

const request = (nonce: string, seen: Seen = NOTHING_SEEN, keyId = `identity:${identity}`): SignedRequest => ({
  caller: { kind: 'patient', recordId: record, identity },
  keyId,
  nonce,
  base: `base ${nonce}`,
  signature: toBase64url(new Uint8Array(64)),
  seen,
  session: null,
  at: now,
})
const draft = (changes: Partial<Draft> = {}): Draft => ({
  chain: record,
  actor: { kind: 'patient', id: record, key: identity },
  action: 'document.list',
  object: { count: 0 },
  outcome: 'ok',
  grant: null,
  state: anyHash(),
  request: null,
  ...changes,
})
const append = (changes: Partial<Draft> = {}): Promise<ParsedEntry> =>
  store.write(tx => journal.append(tx, draft(changes)))
const entries = (chain: string) =>
  store.read
    .all<{ link: string; event: string }>('SELECT link, event FROM entries WHERE chain = @chain ORDER BY n', { chain })
    .map(parseEntry)

t.test('each chain counts for itself, and every entry follows the one before', async t => {
  for (let i = 0; i < 4; i++) await append({ request: request(`n${i}`) })
  await append({ chain: 'system', actor: { kind: 'host', id: 'host' }, action: 'host.start', object: { version: '1' } })
  const own = entries(record)
  t.equal(own.length, 4)
  for (const [i, entry] of own.entries()) checkNext(own[i - 1] ?? null, entry)
  t.equal(entries('system')[0]?.parsed.link.n, 0)
  t.same(store.read.all('SELECT seq FROM entries ORDER BY seq').length, 5)
  t.same(
    own[2]?.parsed.event.request,
    { base: 'base n2', signature: toBase64url(new Uint8Array(64)) },
    'what caused it stands in it',
  )
})

t.test('a request counts once', async t => {
  const before = entries(record).length
  await t.rejects(append({ request: request('n0') }), { code: 'nonce-replayed' })
  await t.rejects(
    store.write(tx => journal.takeNonce(tx, request('n1'))),
    { code: 'nonce-replayed' },
  )
  const both = await Promise.allSettled([append({ request: request('once') }), append({ request: request('once') })])
  t.same(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected'], 'of two at once, one')
  t.equal(entries(record).length, before + 1)
  t.ok(await append({ request: request('n0', NOTHING_SEEN, 'identity:another') }), 'another key has nonces of its own')
})

t.test('a host that lost what its caller has seen says so, and writes nothing', async t => {
  const [last] = entries(record).slice(-1)
  const known = { n: last?.parsed.link.n ?? 0, hash: last?.hash as Hash }
  const before = entries(record).length
  const lost: [string, Seen][] = [
    ['a tree', { tree: { size: 3, root: anyHash() } }],
    ['an entry of the own chain', { ...NOTHING_SEEN, chain: { n: 99, hash: anyHash() } }],
    ['another entry in its place', { ...NOTHING_SEEN, chain: { ...known, hash: anyHash() } }],
    ['the entry at another place', { ...NOTHING_SEEN, chain: { ...known, n: known.n - 1 } }],
    ['a receipt', { ...NOTHING_SEEN, receipt: anyHash() }],
  ]
  for (const [what, seen] of lost)
    await t.rejects(append({ request: request(what, seen) }), { code: 'history-missing' }, what)
  t.equal(entries(record).length, before)
  t.ok(await append({ request: request('known', { ...NOTHING_SEEN, chain: known }) }))
  t.ok(await append({ request: request('receipt', { ...NOTHING_SEEN, receipt: known.hash }) }))
  const root = anyHash()
  await store.write(tx =>
    tx.run(`INSERT INTO checkpoints (size, root, signed, published) VALUES (3, @root, '', 1)`, { root }),
  )
  t.ok(await append({ request: request('tree', { tree: { size: 3, root } }) }))
})

t.test('a clock that was set back does not take the chain with it', async t => {
  now = new Date('2026-11-24T09:00:00.000Z')
  const late = await append()
  now = new Date('2026-11-24T07:00:00.000Z')
  const next = await append()
  t.equal(next.parsed.event.t, late.parsed.event.t)
  checkNext(late, next)
})

t.test('the same entry always has the same receipt', async t => {
  const entry = await append()
  const receipt = await journal.receipt(entry)
  t.equal(await journal.receiptOf(store.read, entry.hash), receipt)
  const { event, payload } = await verifyReceipt(receipt, { deployment, hostKey: hostKey.verifyKey })
  t.same(event, entry.parsed.event)
  t.equal(payload.entryHash, entry.hash)
  await t.rejects(journal.receiptOf(store.read, anyHash()), TypeError)
})

t.test('what an undone unit wrote is not gone on from', async t => {
  const chain = newId<RecordId>()
  const first = await append({ chain })
  const undone = store.write(tx => {
    for (let i = 0; i < 3; i++) journal.append(tx, draft({ chain }))
    throw new Error('undone')
  })
  await t.rejects(undone, /undone/)
  const [next, last] = await Promise.all([append({ chain }), append({ chain })])
  t.equal(next.parsed.link.prev, first.hash)
  t.equal(last.parsed.link.prev, next.hash)
  t.same(
    entries(chain).map(({ parsed }) => parsed.link.n),
    [0, 1, 2],
  )
  const seqs = store.read.all<{ seq: number }>('SELECT seq FROM entries ORDER BY seq').map(({ seq }) => seq)
  t.same(seqs, [...seqs.keys()], 'and no number is left out')
})
