import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import t from 'tap'
import { fromBase64url, randomBytes, toBase64url } from '../../src/crypto/bytes.ts'
import { insertEntry } from '../../src/dev/forge.ts'
import { DEFAULT_PORTS } from '../../src/dev/layout.ts'
import { ensureLogSigner, ensureWitnessSigners } from '../../src/dev/signers.ts'
import { ensureWorld } from '../../src/dev/world.ts'
import { requireQuorum, signCheckpoint, verifyCheckpoint } from '../../src/log/checkpoint.ts'
import { checkNext, type ParsedEntry, parseEntry, writeEntry } from '../../src/log/entry.ts'
import { parsePolicy } from '../../src/log/policy.ts'
import { TileBuilder } from '../../src/log/tile-builder.ts'
import type { ChainId, Event } from '../../src/protocol/entry.ts'
import { type Hash, Instant, RecordId } from '../../src/protocol/ids.ts'
import { openSqlite } from '../../src/vault/store/sqlite.ts'
import { testFolder } from '../fixtures/test-folder.ts'

const record = RecordId.parse('AAAAAAAAAAAAAAAAAAAAAA')
const event = (second: number): Omit<Event, 'salt'> => ({
  t: Instant.parse(`2026-11-24T08:00:${String(second).padStart(2, '0')}.000Z`),
  actor: { kind: 'host', id: 'host' },
  action: 'document.read',
  object: {},
  outcome: 'ok',
  grant: null,
  state: null,
  request: null,
})

/** Entries of two chains, one after the other, and a checkpoint after every third. */
function fill(path: string, sign: (tree: { size: number; root: Uint8Array }) => string): void {
  const database = new DatabaseSync(path)
  const insert = database.prepare('INSERT INTO entries (seq, chain, n, t, hash, link, event) VALUES (?,?,?,?,?,?,?)')
  const heads = new Map<ChainId, ParsedEntry>()
  const builder = TileBuilder.empty()
  for (let seq = 0; seq < 12; seq++) {
    const chain: ChainId = seq % 4 === 3 ? 'system' : record
    const head = heads.get(chain)
    const n = head === undefined ? 0 : head.parsed.link.n + 1
    const entry = writeEntry({ record: chain, n, prev: head?.hash ?? null }, event(seq))
    heads.set(chain, entry)
    insert.run(seq, chain, n, entry.parsed.event.t, entry.hash, entry.link, entry.event)
    builder.append(fromBase64url(entry.hash))
    if (seq % 3 !== 2) continue
    const tree = { size: seq + 1, root: builder.root() }
    database
      .prepare('INSERT INTO checkpoints (size, root, signed, published) VALUES (?,?,?,1)')
      .run(tree.size, toBase64url(tree.root), sign(tree))
  }
  database.close()
}

t.test('a forged entry leaves a log in which everything agrees', async t => {
  const data = testFolder(t)
  const { layout, anchors } = await ensureWorld({ data, ports: DEFAULT_PORTS, at: new Date() })
  const log = await ensureLogSigner(layout, anchors.deployment)
  const witnesses = await ensureWitnessSigners(layout)
  const path = join(data, 'store.db')
  await openSqlite(path).close()
  fill(path, tree => signCheckpoint(tree, log, 1_800_000_000))
  const tiles = join(data, 'log')

  const forged = await insertEntry({ database: path, tiles, log, witnesses }, record, ({ previous, tree }) => {
    t.equal(tree.size, 9, 'the newest one that was signed')
    return { ...event(0), t: previous.parsed.event.t, object: { document: toBase64url(randomBytes(16)) } }
  })

  const database = new DatabaseSync(path)
  const rows = database.prepare('SELECT seq, chain, hash, link, event FROM entries ORDER BY seq').all() as {
    seq: number
    chain: string
    hash: Hash
    link: string
    event: string
  }[]
  t.equal(rows.length, 13)
  t.equal(rows[10]?.hash, forged.hash)
  const heads = new Map<string, ParsedEntry>()
  const builder = TileBuilder.empty()
  const roots = new Map<number, string>()
  for (const [i, row] of rows.entries()) {
    const entry = parseEntry(row)
    t.equal(row.seq, i)
    t.equal(row.hash, entry.hash)
    checkNext(heads.get(row.chain) ?? null, entry)
    heads.set(row.chain, entry)
    builder.append(fromBase64url(entry.hash))
    roots.set(builder.size, toBase64url(builder.root()))
  }
  const checkpoints = database.prepare('SELECT size, root, signed FROM checkpoints ORDER BY size').all() as {
    size: number
    root: string
    signed: string
  }[]
  t.strictSame(
    checkpoints.map(({ size }) => size),
    [3, 6, 9, 13],
  )
  for (const { size, root } of checkpoints) t.equal(root, roots.get(size))
  const verified = verifyCheckpoint(checkpoints.at(-1)?.signed ?? '', parsePolicy(anchors.policy))
  requireQuorum(verified)
  t.equal(readFileSync(join(tiles, 'checkpoint'), 'utf8'), checkpoints.at(-1)?.signed)
  t.equal(readFileSync(join(tiles, 'tile/entries/000.p/13')).length, 13 * 34)
  database.close()
})
