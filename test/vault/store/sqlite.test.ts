import { statSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import t, { type Test } from 'tap'
import { Refusal } from '../../../src/vault/errors.ts'
import { openSqlite } from '../../../src/vault/store/sqlite.ts'
import type { Store, Tx } from '../../../src/vault/store/store.ts'
import { testFolder } from '../../fixtures/test-folder.ts'

const put = (upload: string) => (tx: Tx) =>
  tx.run(`INSERT INTO uploads (upload, record, key, length, expires) VALUES (@upload, '', '', 1, 1)`, { upload })
const all = (store: Store) =>
  store.read.all<{ upload: string }>('SELECT upload FROM uploads ORDER BY upload').map(({ upload }) => upload)
const opened = (t: Test) => {
  const file = join(testFolder(t), 'store.sqlite')
  return { file, store: openSqlite(file) }
}

t.test('what was acknowledged is there after opening again', async t => {
  const { file, store } = opened(t)
  t.equal(await store.write(put('a')), 1)
  t.same(all(store), ['a'])
  await store.close()
  const again = openSqlite(file)
  t.same(all(again), ['a'])
  await again.close()
})

t.test('durability is asked for and read back; the file is its owner’s alone', async t => {
  const { file, store } = opened(t)
  const [row] = await store.write(tx => tx.all<{ synchronous: number }>('PRAGMA synchronous'))
  t.equal(row?.synchronous, 2)
  t.match(store.read.get('PRAGMA journal_mode'), { journal_mode: 'wal' })
  t.match(await store.write(tx => tx.get('PRAGMA secure_delete')), { secure_delete: 1 })
  t.equal(statSync(file).mode & 0o777, 0o600)
  await store.close()
})

t.test('units share a commit and not their failures', async t => {
  const { store } = opened(t)
  const fail = (tx: Tx) => {
    put('undone')(tx)
    throw new Refusal('no-grant', 'no')
  }
  const settled = await Promise.allSettled([
    store.write(put('a')),
    store.write(fail),
    store.write(put('b')),
    store.write(put('a')),
  ])
  t.same(
    settled.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled', 'rejected'],
  )
  t.match(settled[1], { reason: { code: 'no-grant' } })
  t.same(all(store), ['a', 'b'])
  await store.close()
})

t.test('a unit that is refused before it wrote costs the others nothing; else they run again', async t => {
  const { store } = opened(t)
  let runs = 0
  const counted = (upload: string) => (tx: Tx) => {
    runs++
    return put(upload)(tx)
  }
  const refuse = (work: (tx: Tx) => unknown) => (tx: Tx) => {
    work(tx)
    throw new Refusal('no-grant', 'no')
  }
  const nothing = refuse(tx => tx.run("DELETE FROM uploads WHERE upload = 'absent'"))
  const unnoticed = refuse(tx => tx.get("DELETE FROM uploads WHERE upload = 'a' RETURNING upload"))
  const codes = async (...work: ((tx: Tx) => unknown)[]) =>
    (await Promise.allSettled(work.map(each => store.write(each)))).map(each =>
      each.status === 'rejected' ? (each.reason as Refusal).code : 'done',
    )
  t.same(await codes(counted('a'), nothing, counted('b')), ['done', 'no-grant', 'done'])
  t.equal(runs, 2)
  t.same(await codes(counted('c'), unnoticed, counted('d')), ['done', 'no-grant', 'done'])
  t.equal(runs, 5, 'the first ran twice')
  t.same(all(store), ['a', 'b', 'c', 'd'])
  await store.close()
})

t.test('a reader sees what is committed, and cannot write', async t => {
  const { store } = opened(t)
  const inside = await store.write(tx => {
    put('a')(tx)
    return all(store)
  })
  t.same(inside, [])
  t.same(all(store), ['a'])
  t.throws(() => store.read.run('DELETE FROM uploads'), /readonly/)
  await store.close()
})

t.test('a disk that takes no more: nothing of the batch is acknowledged, and it recovers by itself', async t => {
  const { store } = opened(t)
  const [{ max_page_count: pages = 0 } = {}] = await store.write(tx =>
    tx.all<{ max_page_count: number }>('PRAGMA max_page_count = 1'),
  )
  t.ok(pages > 1, 'as small as it is already')
  const large = (tx: Tx) =>
    tx.run(`INSERT INTO bodies (root, length, blocks) VALUES (hex(randomblob(8)), 1, hex(zeroblob(500000)))`)
  const settled = await Promise.allSettled([store.write(put('a')), store.write(large)])
  for (const each of settled) t.match(each, { status: 'rejected', reason: { code: 'log-unavailable' } })
  t.same(all(store), [])
  await store.write(tx => tx.all('PRAGMA max_page_count = 1000000'))
  await store.write(put('a'))
  t.same(all(store), ['a'])
  await store.close()
})

t.test('too many at once are told so', async t => {
  const { store } = opened(t)
  const settled = await Promise.allSettled(Array.from({ length: 4100 }, (_, i) => store.write(put(`${i}`))))
  const refused = settled.filter(({ status }) => status === 'rejected')
  t.equal(refused.length, 4)
  t.match(refused[0], { reason: { code: 'busy' } })
  t.equal(all(store).length, 4096)
  store.maintain()
  await store.close()
  await t.rejects(store.write(put('late')), { code: 'busy' })
})

t.test('the write-ahead log stays bounded under long writing', async t => {
  const { file, store } = opened(t)
  const large = (i: number) => (tx: Tx) =>
    tx.run(`INSERT INTO small_bodies (root, bytes) VALUES (@root, zeroblob(1000000))`, { root: `${i}` })
  for (let i = 0; i < 100; i++) await store.write(large(i))
  // Copied back at 32 MiB; the file may be twice that, and is cut back to 64 when it was.
  t.ok(statSync(`${file}-wal`).size <= 72 * 1024 * 1024, `${statSync(`${file}-wal`).size} bytes after 100 MB`)
  await store.close()
})

t.test('a store that was found damaged takes no writes, and still reads', async t => {
  const { store } = opened(t)
  await store.write(put('a'))
  store.distrust()
  await t.rejects(store.write(put('b')), { code: 'log-unavailable' })
  t.same(all(store), ['a'])
  await store.close()
})

t.test('what waits is finished before the files are let go', async t => {
  const { file, store } = opened(t)
  const waiting = store.write(put('a'))
  await store.close()
  t.equal(await waiting, 1)
  const again = openSqlite(file)
  t.same(all(again), ['a'])
  await again.close()
})

t.test('a store that cannot be opened, or is of a newer version', async t => {
  t.throws(() => openSqlite(join(testFolder(t), 'missing', 'store.sqlite')), { code: 'store-open' })
  const file = join(testFolder(t, { 'store.sqlite': '' }), 'store.sqlite')
  const database = new Database(file)
  database.pragma('user_version = 999')
  database.close()
  t.throws(() => openSqlite(file), { code: 'store-newer' })
  t.throws(() => openSqlite(file), { code: 'store-newer' }, 'and what was refused holds on to nothing')
})

t.test('one host at a time', async t => {
  const { file, store } = opened(t)
  t.throws(() => openSqlite(file), { code: 'store-shared' })
  await store.close()
  await openSqlite(file).close()
})
