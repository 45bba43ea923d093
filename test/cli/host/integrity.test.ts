import { closeSync, openSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { checkIntegrityBeside } from '../../../src/cli/host/integrity.ts'
import { openSqlite } from '../../../src/vault/store/sqlite.ts'
import { testFolder } from '../../fixtures/test-folder.ts'

const result = (folder: string, largest?: number) =>
  new Promise<string>(resolve => checkIntegrityBeside(folder, resolve, largest))

t.test('a whole database, a damaged one, and none', async t => {
  const folder = testFolder(t)
  const file = join(folder, 'store.sqlite')
  const store = openSqlite(file)
  for (let i = 0; i < 400; i++) {
    store.write(tx =>
      tx.run("INSERT INTO uploads (upload, record, key, length, expires) VALUES (@upload, 'r', 'k', 1, 1)", {
        upload: `${i}`.padStart(100, 'u'),
      }),
    )
  }
  await store.close()
  t.equal(await result(folder), 'whole')
  // The second half of its pages.
  const raw = openSync(file, 'r+')
  const { size } = statSync(file)
  writeSync(raw, Buffer.alloc(size / 2, 0xa5), 0, size / 2, size / 2)
  closeSync(raw)
  t.equal(await result(folder), 'damaged')
  t.equal(await result(join(folder, 'missing')), 'unchecked')
  t.equal(await result(folder, 1000), 'large')
})

t.test('stopped, it says nothing', async t => {
  const folder = testFolder(t)
  await openSqlite(join(folder, 'store.sqlite')).close()
  const heard: string[] = []
  await checkIntegrityBeside(folder, each => heard.push(each)).stop()
  t.same(heard, [])
})
